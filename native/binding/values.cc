#include "binding/values.hpp"

#include <cmath>

#include "core/bytes.hpp"

namespace openais {

bool ValueReader::first_failure() {
  if (failed_) return false;
  failed_ = true;
  // A getter may have thrown already: that error is the better one.
  bool is_pending = false;
  napi_is_exception_pending(env_, &is_pending);
  return !is_pending;
}

void ValueReader::fail(const char* name, const std::string& expected) {
  const std::string message = std::string(where_) + ": " + name + " must be " + expected;
  if (first_failure()) napi_throw_type_error(env_, "ERR_INVALID_ARG_TYPE", message.c_str());
}

void ValueReader::fail_as(const char* code, const std::string& message) {
  const std::string text = std::string(where_) + ": " + message;
  if (first_failure()) napi_throw_error(env_, code, text.c_str());
}

std::uint64_t ValueReader::integer(napi_value value, const char* name, std::uint64_t min, std::uint64_t max) {
  double number = 0;
  if (failed_) return 0;
  if (napi_get_value_double(env_, value, &number) != napi_ok || !(number >= static_cast<double>(min)) ||
      !(number <= static_cast<double>(max)) || number != std::trunc(number)) {
    fail(name, "an integer from " + std::to_string(min) + " to " + std::to_string(max));
    return 0;
  }
  return static_cast<std::uint64_t>(number);
}

std::uint64_t ValueReader::bigint(napi_value value, const char* name) {
  std::uint64_t number = 0;
  bool lossless = false;
  if (failed_) return 0;
  if (napi_get_value_bigint_uint64(env_, value, &number, &lossless) != napi_ok || !lossless) {
    fail(name, "a bigint from 0 to 2^64 - 1");
    return 0;
  }
  return number;
}

bool ValueReader::boolean(napi_value value, const char* name) {
  bool result = false;
  if (!failed_ && napi_get_value_bool(env_, value, &result) != napi_ok) fail(name, "a boolean");
  return result;
}

std::string ValueReader::text(napi_value value, const char* name, std::size_t max) {
  std::size_t size = 0;
  if (failed_) return {};
  if (napi_get_value_string_utf8(env_, value, nullptr, 0, &size) != napi_ok || size > max) {
    fail(name, "a string of at most " + std::to_string(max) + " bytes");
    return {};
  }
  std::string result(size + 1, '\0');
  napi_get_value_string_utf8(env_, value, result.data(), result.size(), &size);
  result.resize(size);
  return result;
}

Bytes ValueReader::bytes(napi_value value, const char* name, std::size_t min, std::size_t max) {
  if (failed_) return {};
  bool is_typed = false;
  napi_is_typedarray(env_, value, &is_typed);
  napi_typedarray_type type = napi_int8_array;
  std::size_t size = 0;
  void* data = nullptr;
  if (is_typed) napi_get_typedarray_info(env_, value, &type, &size, &data, nullptr, nullptr);
  if (type != napi_uint8_array || size < min || size > max) {
    fail(name, "a Uint8Array of " + std::to_string(min) + " to " + std::to_string(max) + " bytes");
    return {};
  }
  return Bytes(static_cast<const std::uint8_t*>(data), size);
}

RingId ValueReader::ring_id_or_null(napi_value value, const char* name) {
  napi_valuetype type = napi_undefined;
  if (failed_ || (napi_typeof(env_, value, &type) == napi_ok && type == napi_null)) return {};
  const Bytes memory = bytes(value, name, 16, 16);
  return Reader(memory).ring_id();
}

napi_value ValueReader::object(napi_value value, const char* name) {
  napi_valuetype type = napi_undefined;
  if (!failed_ && (napi_typeof(env_, value, &type) != napi_ok || type != napi_object)) fail(name, "an object");
  return value;
}

napi_value ValueReader::property(napi_value object, const char* name) {
  napi_value value = undefined_value(env_);
  if (!failed_ && napi_get_named_property(env_, object, name, &value) != napi_ok) fail(name, "readable");
  return value;
}

napi_value new_bytes(napi_env env, std::size_t size, std::uint8_t** memory) {
  napi_value buffer = nullptr;
  napi_value view = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_uint8_array, size, buffer, 0, &view) != napi_ok) {
    bool pending = false;
    napi_is_exception_pending(env, &pending);
    if (!pending) napi_throw_error(env, nullptr, "no memory for an ArrayBuffer");
    return nullptr;
  }
  *memory = static_cast<std::uint8_t*>(data);
  return view;
}

napi_value null_value(napi_env env) {
  napi_value value = nullptr;
  napi_get_null(env, &value);
  return value;
}

napi_value undefined_value(napi_env env) {
  napi_value value = nullptr;
  napi_get_undefined(env, &value);
  return value;
}

napi_value boolean_value(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value number_value(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

}  // namespace openais
