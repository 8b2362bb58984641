// The JavaScript face of RingCore: checks arguments, calls, converts. The simulator calls some of these hundreds of
// thousands of times a second.
#include <limits>

#include "binding/addon.hpp"
#include "binding/ring_core.hpp"
#include "binding/stats_object.hpp"
#include "core/limits.hpp"

namespace openais {
namespace {

constexpr napi_type_tag kTypeTag = {0x6f70656e61697300, 0x52696e67436f7265};

// What `this` holds. close() empties it; the object lives until JavaScript forgets it.
struct Holder {
  std::unique_ptr<RingCore> core;
};

void release(napi_env env, Holder& holder) {
  if (holder.core == nullptr) return;
  std::int64_t total = 0;
  napi_adjust_external_memory(env, -holder.core->memory_bytes(), &total);
  holder.core = nullptr;
}

Holder* holder_of(napi_env env, napi_value self) {
  bool is_ours = false;
  void* holder = nullptr;
  if (napi_check_object_type_tag(env, self, &kTypeTag, &is_ours) != napi_ok || !is_ours) return nullptr;
  return napi_unwrap(env, self, &holder) == napi_ok ? static_cast<Holder*>(holder) : nullptr;
}

// The beginning of each method: arguments, and the core that they are for.
template <std::size_t N>
struct Call {
  Call(napi_env env_in, napi_callback_info info, const char* where) : env(env_in), read(env_in, where) {
    std::size_t count = N;
    napi_value self = nullptr;
    napi_get_cb_info(env, info, &count, args, &self, nullptr);
    const Holder* const holder = holder_of(env, self);
    if (holder == nullptr) {
      read.fail("this", "a RingCore");
    } else if (holder->core == nullptr) {
      read.fail("this", "a RingCore that was not closed");
    } else {
      core = holder->core.get();
    }
  }

  napi_env env;
  ValueReader read;
  napi_value args[N == 0 ? 1 : N] = {};
  RingCore* core = nullptr;
};

napi_value construct(napi_env env, napi_callback_info info) {
  ValueReader read(env, "RingCore");
  napi_value args[2] = {};
  std::size_t count = 2;
  napi_value self = nullptr;
  napi_value target = nullptr;
  napi_get_cb_info(env, info, &count, args, &self, nullptr);
  napi_get_new_target(env, info, &target);
  if (target == nullptr) {
    read.fail("this", "made by `new RingCore(options, now)`");
    return nullptr;
  }
  auto holder = std::make_unique<Holder>(Holder{RingCore::create(read, args[0], args[1])});
  if (holder->core == nullptr) return nullptr;
  const auto finalize = [](napi_env finalize_env, void* data, void*) {
    const std::unique_ptr<Holder> gone(static_cast<Holder*>(data));
    release(finalize_env, *gone);
  };
  if (napi_wrap(env, self, holder.get(), finalize, nullptr, nullptr) != napi_ok) {
    read.fail("this", "an object that wraps nothing yet");
    return nullptr;
  }
  std::int64_t total = 0;
  napi_adjust_external_memory(env, holder->core->memory_bytes(), &total);
  holder.release();
  napi_type_tag_object(env, self, &kTypeTag);
  return self;
}

napi_value receive(napi_env env, napi_callback_info info) {
  Call<5> call(env, info, "RingCore.receive");
  const Time now = call.read.time(call.args[0], "now");
  const auto socket = static_cast<PacketClass>(call.read.integer(call.args[1], "socket", 0, 1));
  const auto link = static_cast<LinkIndex>(
      call.read.integer(call.args[2], "link", 0, call.core == nullptr ? 0 : call.core->links() - 1));
  const auto port = static_cast<std::uint16_t>(call.read.integer(call.args[3], "fromPort", 0, 0xffff));
  const Bytes datagram = call.read.bytes(call.args[4], "bytes", 0, kMaxDatagram);
  if (call.read.ok()) call.core->receive(now, socket, link, port, datagram);
  return nullptr;
}

napi_value command(napi_env env, napi_callback_info info) {
  Call<2> call(env, info, "RingCore.command");
  const Time now = call.read.time(call.args[0], "now");
  const Bytes frame = call.read.bytes(call.args[1], "bytes", kFrameHeader, kMaxMessage + kFrameHeader);
  if (call.read.ok()) call.core->engine().command(now, frame);
  return nullptr;
}

napi_value tick(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingCore.tick");
  const Time now = call.read.time(call.args[0], "now");
  if (call.read.ok()) call.core->engine().tick(now);
  return nullptr;
}

napi_value submitted(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingCore.submitted");
  const Time now = call.read.time(call.args[0], "now");
  if (call.read.ok()) call.core->engine().submitted(now);
  return nullptr;
}

napi_value refused(napi_env env, napi_callback_info info) {
  Call<2> call(env, info, "RingCore.refused");
  const Time now = call.read.time(call.args[0], "now");
  const auto port = static_cast<std::uint16_t>(call.read.integer(call.args[1], "port", 0, 0xffff));
  if (call.read.ok()) call.core->engine().refused(now, Endpoint{0, port, {}});
  return nullptr;
}

napi_value deliver(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingCore.deliver");
  const Time now = call.read.time(call.args[0], "now");
  return call.read.ok() ? boolean_value(env, call.core->engine().deliver(now)) : nullptr;
}

napi_value submit(napi_env env, napi_callback_info info) {
  Call<5> call(env, info, "RingCore.submit");
  const auto priority = static_cast<Priority>(call.read.integer(call.args[0], "priority", 0, kPriorities - 1));
  const auto flags = static_cast<std::uint8_t>(call.read.integer(call.args[1], "flags", 0, kSubmitSafe));
  const std::uint64_t ticket = call.read.bigint(call.args[2], "ticket");
  const RingId only_in = call.read.ring_id_or_null(call.args[3], "onlyIn");
  // False means "again later": what would never fit is an error.
  const Bytes message = call.read.bytes(call.args[4], "bytes", 1, call.core == nullptr ? 0 : call.core->max_message());
  if (!call.read.ok()) return nullptr;
  return boolean_value(env, call.core->submits().submit(priority, flags, ticket, only_in, message));
}

// Frames from the consumer's end, as many as fit into `most` bytes but at least one, without the padding of the ring.
napi_value take_frames(napi_env env, ByteRing& ring, std::size_t most) {
  const auto padded_size = [](const std::uint8_t* frame) {
    std::uint32_t size = 0;
    std::memcpy(&size, frame, sizeof size);
    return frame_padded(size);
  };
  if (ring.front() == nullptr) return null_value(env);
  const std::size_t bound = std::max(std::min(ring.used(), most), padded_size(ring.front()));
  napi_value buffer = nullptr;
  void* memory = nullptr;
  if (napi_create_arraybuffer(env, bound, &memory, &buffer) != napi_ok) return nullptr;
  std::size_t used = 0;
  for (const std::uint8_t* frame = ring.front(); frame != nullptr; frame = ring.front()) {
    const std::size_t size = padded_size(frame);
    if (used + size > bound) break;
    std::memcpy(static_cast<std::uint8_t*>(memory) + used, frame, size);
    used += size;
    ring.pop();
  }
  napi_value view = nullptr;
  napi_create_typedarray(env, napi_uint8_array, used, buffer, 0, &view);
  return view;
}

napi_value take_bytes(napi_env env, Bytes bytes) {
  if (bytes.empty()) return null_value(env);
  std::uint8_t* memory = nullptr;
  const napi_value view = new_bytes(env, bytes.size(), &memory);
  if (view != nullptr) std::memcpy(memory, bytes.data(), bytes.size());
  return view;
}

napi_value take_sends(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.takeSends");
  if (!call.read.ok()) return nullptr;
  const napi_value taken = take_bytes(env, call.core->sends().collected());
  if (taken != nullptr) call.core->sends().clear();
  return taken;
}

napi_value take_events(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.takeEvents");
  if (!call.read.ok()) return nullptr;
  return take_frames(env, call.core->events(), std::numeric_limits<std::size_t>::max());
}

napi_value take_deliveries(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingCore.takeDeliveries");
  const std::size_t most = call.read.integer(call.args[0], "maxBytes", 0, kMaxSafeInteger);
  if (!call.read.ok()) return nullptr;
  return take_frames(env, call.core->deliveries(), most);
}

napi_value take_trace(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.takeTrace");
  if (!call.read.ok()) return nullptr;
  TraceCollector& trace = call.core->trace();
  if (trace.has_overflowed()) {
    call.read.fail_as("ERR_OUT_OF_RANGE", "records were lost; take them more often");
    return nullptr;
  }
  const auto* const first = reinterpret_cast<const std::uint8_t*>(trace.records().data());
  const napi_value taken = take_bytes(env, Bytes(first, trace.records().size() * sizeof(TraceRecord)));
  if (taken != nullptr) trace.clear();
  return taken;
}

napi_value deadline(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.deadline");
  if (!call.read.ok()) return nullptr;
  const Time due = call.core->engine().deadline();
  return number_value(env, due == kNever ? std::numeric_limits<double>::infinity() : static_cast<double>(due));
}

napi_value token_first(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.tokenFirst");
  return call.read.ok() ? boolean_value(env, call.core->engine().token_first()) : nullptr;
}

napi_value wants_wake(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.wantsWake");
  return call.read.ok() ? boolean_value(env, call.core->engine().wants_wake()) : nullptr;
}

napi_value unread(napi_env env, napi_callback_info info) {
  Call<1> call(env, info, "RingCore.unread");
  const auto milliseconds = static_cast<std::uint32_t>(call.read.integer(call.args[0], "milliseconds", 0, 0xffff'ffff));
  if (call.read.ok()) call.core->engine().unread(milliseconds);
  return nullptr;
}

// All that the simulator asks after a step, in one call: bit 0 sends, 1 events, 2 deliveries, 3 token first, 4 wants
// wake.
napi_value pending(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.pending");
  if (!call.read.ok()) return nullptr;
  RingCore& core = *call.core;
  const unsigned bits = (core.sends().collected().empty() ? 0u : 1u) | (core.events().empty() ? 0u : 2u) |
                        (core.deliveries().empty() ? 0u : 4u) | (core.engine().token_first() ? 8u : 0u) |
                        (core.engine().wants_wake() ? 16u : 0u);
  return number_value(env, bits);
}

napi_value stats(napi_env env, napi_callback_info info) {
  Call<0> call(env, info, "RingCore.stats");
  return call.read.ok() ? stats_object(env, call.core->engine().stats()) : nullptr;
}

napi_value close(napi_env env, napi_callback_info info) {
  ValueReader read(env, "RingCore.close");
  napi_value self = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, &self, nullptr);
  if (Holder* const holder = holder_of(env, self))
    release(env, *holder);
  else
    read.fail("this", "a RingCore");
  return nullptr;
}

constexpr napi_property_descriptor method(const char* name, napi_callback callback) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

}  // namespace

napi_status init_ring_core(napi_env env, napi_value exports) {
  const napi_property_descriptor methods[] = {
      method("receive", receive),
      method("command", command),
      method("tick", tick),
      method("submitted", submitted),
      method("refused", refused),
      method("deliver", deliver),
      method("submit", submit),
      method("takeSends", take_sends),
      method("takeEvents", take_events),
      method("takeDeliveries", take_deliveries),
      method("takeTrace", take_trace),
      method("deadline", deadline),
      method("tokenFirst", token_first),
      method("wantsWake", wants_wake),
      method("pending", pending),
      method("unread", unread),
      method("stats", stats),
      method("close", close),
  };
  napi_value constructor = nullptr;
  const napi_status status = napi_define_class(env, "RingCore", NAPI_AUTO_LENGTH, construct, nullptr,
                                               std::size(methods), methods, &constructor);
  return status == napi_ok ? napi_set_named_property(env, exports, "RingCore", constructor) : status;
}

}  // namespace openais
