#include "binding/ring_core.hpp"

#include <algorithm>

#include "binding/engine_options.hpp"
#include "core/limits.hpp"

namespace openais {
namespace {

// Control packets of the largest size and the core's own events, several of each.
constexpr std::size_t kMinEventBytes = std::size_t{1} << 16;
constexpr std::size_t kMinMessageBytes = std::size_t{1} << 12;
// In front of a message, at most: of a submit frame, which has the larger one.
constexpr std::size_t kMessageOverhead = 64;

}  // namespace

std::unique_ptr<RingCore> RingCore::create(ValueReader& reader, napi_value options, napi_value now_value) {
  const EngineConfig config = read_engine_config(reader, options);
  Sizes sizes{};
  sizes.events = read_ring_bytes(reader, options, "eventBytes", kMinEventBytes);
  sizes.deliveries = read_ring_bytes(reader, options, "deliveryBytes", kMinMessageBytes);
  sizes.submits = read_ring_bytes(reader, options, "submitBytes", kMinMessageBytes);
  const bool traced = Fields(reader, options, "options").boolean("trace");
  const Time now = reader.time(now_value, "now");
  auto protection = read_protection(reader, options, config);
  if (!reader.ok()) return nullptr;
  return std::unique_ptr<RingCore>(new RingCore(config, sizes, std::move(protection), traced, now));
}

RingCore::RingCore(const EngineConfig& config, const Sizes& sizes, std::unique_ptr<Protection> protection, bool traced,
                   Time now)
    : config_(config),
      protection_(std::move(protection)),
      events_(sizes.events),
      deliveries_(sizes.deliveries),
      submits_(sizes.submits),
      engine_(config_, {*protection_, sends_, events_, deliveries_, submits_, traced ? &trace_ : nullptr}, now),
      datagram_(new std::uint8_t[kMaxDatagram]),
      max_message_(std::min(kMaxMessage, std::min(sizes.deliveries, sizes.submits) / 2 - kMessageOverhead)),
      memory_bytes_(
          static_cast<std::int64_t>(sizes.events + sizes.deliveries + kPriorities * sizes.submits + kMaxDatagram)) {}

void RingCore::receive(Time now, PacketClass socket, LinkIndex link, std::uint16_t from_port, Bytes datagram) {
  if (!datagram.empty()) std::memcpy(datagram_.get(), datagram.data(), datagram.size());
  engine_.receive(now, socket, link, Endpoint{0, from_port, {}}, MutableBytes(datagram_.get(), datagram.size()));
}

}  // namespace openais
