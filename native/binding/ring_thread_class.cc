// The JavaScript face of RingThread: checks arguments, calls, converts.
#include <algorithm>
#include <cstdint>
#include <iterator>

#include "binding/addon.hpp"
#include "binding/engine_options.hpp"
#include "binding/io_stats_object.hpp"
#include "binding/ring_thread_handle.hpp"
#include "binding/ring_thread_options.hpp"
#include "binding/stats_object.hpp"

namespace openais {
namespace {

constexpr napi_type_tag kTypeTag = {0x6f70656e61697300, 0x52696e6754687264};

RingThreadHandle* handle_of(napi_env env, napi_value self) {
  bool is_ours = false;
  void* handle = nullptr;
  if (napi_check_object_type_tag(env, self, &kTypeTag, &is_ours) != napi_ok || !is_ours) return nullptr;
  return napi_unwrap(env, self, &handle) == napi_ok ? static_cast<RingThreadHandle*>(handle) : nullptr;
}

// The beginning of each method: arguments, and the handle that they are for.
template <std::size_t N>
struct Call {
  Call(napi_env env_in, napi_callback_info info, const char* where) : env(env_in), read(env_in, where) {
    std::size_t count = N;
    napi_value self = nullptr;
    napi_get_cb_info(env, info, &count, args, &self, nullptr);
    handle = handle_of(env, self);
    if (handle == nullptr) read.fail("this", "a RingThread");
  }

  napi_env env;
  ValueReader read;
  napi_value args[N == 0 ? 1 : N] = {};
  RingThreadHandle* handle = nullptr;
};

napi_value construct(napi_env env, napi_callback_info info) {
  ValueReader read(env, "RingThread");
  napi_value args[2] = {};
  std::size_t count = 2;
  napi_value self = nullptr;
  napi_value target = nullptr;
  napi_get_cb_info(env, info, &count, args, &self, nullptr);
  napi_get_new_target(env, info, &target);
  if (target == nullptr) read.fail("this", "made by `new RingThread(options, onWake)`");
  const RingThreadConfig config = read_ring_thread_config(read, args[0]);
  napi_valuetype type = napi_undefined;
  napi_typeof(env, args[1], &type);
  if (type != napi_function) read.fail("onWake", "a function");
  auto protection = read_protection(read, args[0], config.engine);
  if (!read.ok()) return nullptr;
  std::string error;
  RingThreadHandle* const handle = RingThreadHandle::create(env, config, std::move(protection), error);
  if (handle == nullptr) {
    read.fail_as("SA_AIS_ERR_INIT", error);
    return nullptr;
  }
  const auto finalize = [](napi_env, void* data, void*) { static_cast<RingThreadHandle*>(data)->release(); };
  if (napi_wrap(env, self, handle, finalize, nullptr, nullptr) != napi_ok) {
    handle->release();
    read.fail("this", "an object that wraps nothing yet");
    return nullptr;
  }
  napi_type_tag_object(env, self, &kTypeTag);
  if (!handle->attach(self, args[1])) read.fail_as("SA_AIS_ERR_INIT", "the environment is ending");
  return self;
}

napi_value command(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingThread.command");
  const Bytes frame = call.read.bytes(call.args[0], "frame", kFrameHeader, kCommandBytes / 4);
  if (!call.read.ok()) return nullptr;
  FrameHeader header;
  std::memcpy(&header, frame.data(), sizeof header);
  // What else is in it is for the engine to judge; its size and type hold the queue together.
  if (header.size != frame.size() || header.type == 0) {
    call.read.fail("frame", "one whole frame");
    return nullptr;
  }
  Boundary& boundary = call.handle->boundary();
  std::uint8_t* const at = boundary.commands.reserve(frame.size());
  if (at == nullptr) return boolean_value(env, false);
  std::memcpy(at, frame.data(), frame.size());
  boundary.commands.commit(frame.size());
  boundary.ring_thread(kListenCommands);
  return boolean_value(env, true);
}

napi_value submit(napi_env env, napi_callback_info info) {
  Call<5> call(env, info, "RingThread.submit");
  const auto priority = static_cast<Priority>(call.read.integer(call.args[0], "priority", 0, kPriorities - 1));
  const auto flags = static_cast<std::uint8_t>(call.read.integer(call.args[1], "flags", 0, kSubmitSafe));
  const std::uint64_t ticket = call.read.bigint(call.args[2], "ticket");
  const RingId only_in = call.read.ring_id_or_null(call.args[3], "onlyIn");
  // False means "again later": what would never fit is an error.
  const Bytes message =
      call.read.bytes(call.args[4], "bytes", 1, call.handle == nullptr ? 0 : call.handle->max_message());
  if (!call.read.ok()) return nullptr;
  Boundary& boundary = call.handle->boundary();
  const bool is_taken = boundary.submits.submit(priority, flags, ticket, only_in, message);
  if (is_taken) boundary.ring_thread(kListenSubmits);
  return boolean_value(env, is_taken);
}

// Payloads in `bytes`, each behind its length.
bool are_payloads(Bytes bytes, std::size_t least, std::size_t most) {
  while (!bytes.empty()) {
    std::uint32_t length = 0;
    if (bytes.size() < sizeof length) return false;
    std::memcpy(&length, bytes.data(), sizeof length);
    bytes = bytes.subspan(sizeof length);
    if (length < least || length > most || length > bytes.size()) return false;
    bytes = bytes.subspan(length);
  }
  return true;
}

napi_value submit_packed(napi_env env, napi_callback_info info) {
  Call<6> call(env, info, "RingThread.submitPacked");
  const auto priority = static_cast<Priority>(call.read.integer(call.args[0], "priority", 0, kPriorities - 1));
  const auto flags = static_cast<std::uint8_t>(call.read.integer(call.args[1], "flags", 0, kSubmitSafe));
  const std::size_t max = call.handle == nullptr ? 0 : call.handle->max_message();
  const Bytes header = call.read.bytes(call.args[2], "header", 0, max);
  const Bytes memory = call.read.bytes(call.args[3], "memory", 0, SIZE_MAX);
  const auto end = static_cast<std::size_t>(call.read.integer(call.args[5], "end", 0, memory.size()));
  const auto start = static_cast<std::size_t>(call.read.integer(call.args[4], "start", 0, end));
  if (!call.read.ok()) return nullptr;
  if (!are_payloads(memory.subspan(start, end - start), header.empty() ? 1 : 0, max - header.size())) {
    call.read.fail("memory", "payloads, each behind its length");
    return nullptr;
  }

  Boundary& boundary = call.handle->boundary();
  std::size_t at = start;
  while (at < end) {
    std::uint32_t length = 0;
    std::memcpy(&length, memory.data() + at, sizeof length);
    const Bytes payload = memory.subspan(at + sizeof length, length);
    if (!boundary.submits.submit(priority, flags, 0, RingId{}, header, payload)) break;
    at += sizeof length + length;
  }
  if (at > start) boundary.ring_thread(kListenSubmits);
  return number_value(env, static_cast<double>(at));
}

// An ArrayBuffer over the ring's memory, which it keeps alive.
napi_value memory_of(napi_env env, const std::shared_ptr<Boundary>& boundary, ByteRing& ring) {
  auto* const keeper = new std::shared_ptr<Boundary>(boundary);
  const auto forget = [](napi_env, void*, void* hint) { delete static_cast<std::shared_ptr<Boundary>*>(hint); };
  napi_value buffer = nullptr;
  if (napi_create_external_arraybuffer(env, ring.memory(), ring.capacity(), forget, keeper, &buffer) == napi_ok) {
    return buffer;
  }
  delete keeper;
  return nullptr;
}

napi_value memory(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingThread.memory");
  if (!call.read.ok()) return nullptr;
  Boundary& boundary = call.handle->boundary();
  const napi_value events = memory_of(env, call.handle->shared_boundary(), boundary.events);
  const napi_value deliveries = memory_of(env, call.handle->shared_boundary(), boundary.deliveries);
  napi_value both = nullptr;
  if (events == nullptr || deliveries == nullptr || napi_create_object(env, &both) != napi_ok) {
    call.read.fail_as("AIS_ERR_NATIVE_UNAVAILABLE", "this runtime does not share memory with addons");
    return nullptr;
  }
  napi_set_named_property(env, both, "events", events);
  napi_set_named_property(env, both, "deliveries", deliveries);
  return both;
}

napi_value cursors(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingThread.cursors");
  if (!call.read.ok()) return nullptr;
  napi_typedarray_type type = napi_int8_array;
  std::size_t count = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, call.args[0], &type, &count, &data, nullptr, nullptr) != napi_ok ||
      type != napi_float64_array || count != 4) {
    call.read.fail("out", "a Float64Array of 4");
    return nullptr;
  }
  const Boundary& boundary = call.handle->boundary();
  const std::uint64_t positions[] = {boundary.events.tail(), boundary.events.head(), boundary.deliveries.tail(),
                                     boundary.deliveries.head()};
  std::transform(std::begin(positions), std::end(positions), static_cast<double*>(data),
                 [](std::uint64_t position) { return static_cast<double>(position); });
  return nullptr;
}

// A position at which a frame starts, not below the last one: else the thread would write over what is being read.
void release_to(Call<1>& call, ByteRing& ring) {
  const std::uint64_t tail = call.read.integer(call.args[0], "tail", ring.tail(), ring.head());
  if (call.read.ok() && tail % frame_padded(1) != 0) call.read.fail("tail", "where a frame starts");
  if (call.read.ok()) ring.release(tail);
}

napi_value release_events(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingThread.releaseEvents");
  if (call.read.ok()) release_to(call, call.handle->boundary().events);
  return nullptr;
}

napi_value release_deliveries(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingThread.releaseDeliveries");
  if (call.read.ok()) release_to(call, call.handle->boundary().deliveries);
  return nullptr;
}

napi_value sleep(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingThread.sleep");
  const auto what =
      static_cast<std::uint32_t>(call.read.integer(call.args[0], "what", 1, kListenEvents | kListenDeliveries));
  if (!call.read.ok()) return nullptr;
  Boundary& boundary = call.handle->boundary();
  boundary.reader.listen(what);
  const bool has_news = ((what & kListenEvents) != 0 && !boundary.events.empty()) ||
                        ((what & kListenDeliveries) != 0 && !boundary.deliveries.empty());
  if (has_news) boundary.reader.ignore();
  return boolean_value(env, !has_news);
}

napi_value stats(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingThread.stats");
  if (!call.read.ok()) return nullptr;
  Stats engine;
  IoStats io;
  call.handle->boundary().stats.read(engine, io);
  const napi_value object = stats_object(env, engine);
  napi_set_named_property(env, object, "io", io_stats_object(env, io));
  return object;
}

napi_value info(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingThread.info");
  if (!call.read.ok()) return nullptr;
  const RingThread* const thread = call.handle->thread();
  if (thread == nullptr) {
    call.read.fail("this", "a RingThread that has not ended");
    return nullptr;
  }
  napi_value object = nullptr;
  napi_value endpoints = nullptr;
  napi_value scheduling = nullptr;
  napi_create_object(env, &object);
  napi_create_array(env, &endpoints);
  std::uint32_t at = 0;
  for (const auto& link : thread->links()) {
    napi_value text = nullptr;
    napi_create_string_utf8(env, format_endpoint(link->token_endpoint()).c_str(), NAPI_AUTO_LENGTH, &text);
    napi_set_element(env, endpoints, at++, text);
  }
  napi_create_string_utf8(env, scheduling_name(thread->scheduling()), NAPI_AUTO_LENGTH, &scheduling);
  const auto count = [env](std::size_t value) { return number_value(env, static_cast<double>(value)); };
  const std::pair<const char*, napi_value> properties[] = {
      {"windowOffer", count(thread->window_offer())},
      {"receiveBuffer", count(thread->receive_buffer())},
      {"gso", boolean_value(env, thread->can_segment())},
      {"gro", boolean_value(env, thread->can_merge())},
      {"scheduling", scheduling},
      {"memoryLocked", boolean_value(env, thread->is_memory_locked())},
      {"localEndpoints", endpoints},
  };
  for (const auto& [name, value] : properties) napi_set_named_property(env, object, name, value);
  return object;
}

napi_value stop(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingThread.stop");
  if (call.read.ok()) call.handle->stop();
  return nullptr;
}

constexpr napi_property_descriptor method(const char* name, napi_callback callback) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

}  // namespace

napi_status init_ring_thread(napi_env env, napi_value exports) {
  const napi_property_descriptor methods[] = {
      method("command", command),
      method("submit", submit),
      method("submitPacked", submit_packed),
      method("memory", memory),
      method("cursors", cursors),
      method("releaseEvents", release_events),
      method("releaseDeliveries", release_deliveries),
      method("sleep", sleep),
      method("stats", stats),
      method("info", info),
      method("stop", stop),
  };
  napi_value constructor = nullptr;
  const napi_status status = napi_define_class(env, "RingThread", NAPI_AUTO_LENGTH, construct, nullptr,
                                               std::size(methods), methods, &constructor);
  return status == napi_ok ? napi_set_named_property(env, exports, "RingThread", constructor) : status;
}

}  // namespace openais
