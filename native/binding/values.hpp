// Reads JavaScript values, each checked completely before anything is done with it. The first one that is wrong throws
// a TypeError that names it; from then on everything reads as zero, so that a caller asks ok() once, at the end.
#pragma once

#include <node_api.h>

#include <string>

#include "core/types.hpp"

namespace openais {

// The largest integer that a JavaScript number holds exactly, and the largest time in nanoseconds that crosses as one.
constexpr std::uint64_t kMaxSafeInteger = (std::uint64_t{1} << 53) - 1;

class ValueReader {
 public:
  // `where` begins the messages of errors: "RingCore.submit".
  ValueReader(napi_env env, const char* where) : env_(env), where_(where) {}

  bool ok() const { return !failed_; }
  napi_env env() const { return env_; }

  std::uint64_t integer(napi_value value, const char* name, std::uint64_t min, std::uint64_t max);
  Time time(napi_value value, const char* name) { return integer(value, name, 0, kMaxSafeInteger); }
  std::uint64_t bigint(napi_value value, const char* name);
  bool boolean(napi_value value, const char* name);
  // At most `max` bytes of UTF-8.
  std::string text(napi_value value, const char* name, std::size_t max);
  // Memory of a Uint8Array: valid until JavaScript runs again.
  Bytes bytes(napi_value value, const char* name, std::size_t min, std::size_t max);
  // RingId as 16 bytes, or null for none.
  RingId ring_id_or_null(napi_value value, const char* name);
  napi_value object(napi_value value, const char* name);
  // May run a getter. Undefined if there is no such property. REQUIRES an object, unless a read failed before.
  napi_value property(napi_value object, const char* name);

  // Throws a TypeError "where: name must be expected".
  void fail(const char* name, const std::string& expected);
  // Throws an Error that is not about an argument.
  void fail_as(const char* code, const std::string& message);

 private:
  bool first_failure();

  napi_env env_;
  const char* where_;
  bool failed_ = false;
};

// The properties of one object: the name serves to find a value and to complain about it.
class Fields {
 public:
  // `name` is that of the object itself.
  Fields(ValueReader& reader, napi_value object, const char* name)
      : reader_(reader), object_(reader.object(object, name)) {}

  std::uint64_t integer(const char* name, std::uint64_t min, std::uint64_t max) {
    return reader_.integer(reader_.property(object_, name), name, min, max);
  }
  Time time(const char* name) { return reader_.time(reader_.property(object_, name), name); }
  std::uint64_t bigint(const char* name) { return reader_.bigint(reader_.property(object_, name), name); }
  bool boolean(const char* name) { return reader_.boolean(reader_.property(object_, name), name); }
  std::string text(const char* name, std::size_t max) {
    return reader_.text(reader_.property(object_, name), name, max);
  }
  Bytes bytes(const char* name, std::size_t min, std::size_t max) {
    return reader_.bytes(reader_.property(object_, name), name, min, max);
  }
  napi_value value(const char* name) { return reader_.property(object_, name); }
  Fields object(const char* name) { return Fields(reader_, value(name), name); }

 private:
  ValueReader& reader_;
  napi_value object_;
};

// A Uint8Array over memory of its own, whose address goes to `memory`. Null and an exception where there is none.
napi_value new_bytes(napi_env env, std::size_t size, std::uint8_t** memory);
napi_value null_value(napi_env env);
napi_value undefined_value(napi_env env);
napi_value boolean_value(napi_env env, bool value);
napi_value number_value(napi_env env, double value);

}  // namespace openais
