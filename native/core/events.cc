#include "events.hpp"

namespace openais {
namespace {

// Control packets leave this much to the core's own events.
constexpr std::size_t kReserve = 16384;
// Own events that wait at most. `placed` alone could come in such numbers; each has its message in a bounded queue.
constexpr std::size_t kMaxWaiting = 65536;

}  // namespace

bool Events::put(EventType type, Bytes first, Bytes second, std::uint8_t a) {
  const std::size_t size = kFrameHeader + first.size() + second.size();
  std::uint8_t* at = out_.reserve(size);
  if (at == nullptr) return false;
  const FrameHeader header{static_cast<std::uint32_t>(size), static_cast<std::uint8_t>(type), a, 0, 0};
  std::memcpy(at, &header, sizeof header);
  Writer writer(at + kFrameHeader);
  writer.bytes(first);
  writer.bytes(second);
  out_.commit(size);
  return true;
}

void Events::own(EventType type, Bytes body, std::uint8_t a) {
  if (flush() && put(type, body, Bytes{}, a)) return;
  if (waiting_.size() >= kMaxWaiting) {
    stats_.drop(Drop::kOverflow);
    return;
  }
  waiting_.push_back({type, a, std::vector<std::uint8_t>(body.begin(), body.end())});
}

bool Events::flush() {
  while (!waiting_.empty()) {
    const Waiting& next = waiting_.front();
    if (!put(next.type, next.body, Bytes{}, next.a)) return false;
    waiting_.pop_front();
  }
  return true;
}

void Events::control(const Identity& sender, LinkIndex link, PacketType type, Bytes body) {
  std::uint8_t head[32];
  Writer writer(head);
  writer.identity(sender);
  writer.u8(link);
  writer.u8(static_cast<std::uint8_t>(type));
  writer.zeros(6);
  const bool crowded = out_.used() + frame_padded(body.size()) + kReserve > out_.capacity();
  if (crowded || !flush() || !put(EventType::kControl, Bytes(head), body, 0)) stats_.drop(Drop::kOverflow);
}

void Events::pair(EventType type, std::uint32_t first, std::uint32_t second) {
  std::uint8_t body[8];
  Writer writer(body);
  writer.u32(first);
  writer.u32(second);
  own(type, Bytes(body));
}

void Events::summary(const RingSummary& summary) {
  std::uint8_t body[32];
  Writer writer(body);
  writer.u32(summary.handle);
  writer.u8(static_cast<std::uint8_t>(summary.mode));
  writer.u8(summary.received_flag ? 1 : 0);
  writer.u16(0);
  writer.u64(summary.aru);
  writer.u64(summary.high);
  writer.u64(summary.high_delivered);
  own(EventType::kSummary, Bytes(body));
}

void Events::unreachable(const Identity& peer) {
  std::uint8_t body[24];
  Writer(body).identity(peer);
  own(EventType::kUnreachable, Bytes(body));
}

void Events::pong(const Identity& peer, std::uint32_t lag_ms, Time round_trip) {
  std::uint8_t body[32];
  Writer writer(body);
  writer.identity(peer);
  writer.u32(lag_ms);
  writer.u32(static_cast<std::uint32_t>(std::min<Time>(round_trip / 1000, 0xffffffff)));
  own(EventType::kPong, Bytes(body));
}

void Events::paused(Time without_step, Time without_token) {
  std::uint8_t body[16];
  Writer writer(body);
  writer.u64(without_step);
  writer.u64(without_token);
  own(EventType::kPaused, Bytes(body));
}

void Events::drained() {
  own(EventType::kDrained, Bytes{});
}

void Events::placed(std::uint64_t ticket, std::uint64_t seq) {
  std::uint8_t body[16];
  Writer writer(body);
  writer.u64(ticket);
  writer.u64(seq);
  own(EventType::kPlaced, Bytes(body));
}

void Events::room(std::uint8_t mask) {
  own(EventType::kRoom, Bytes{}, mask);
}

void Events::stale(const Identity& peer, std::uint64_t highest) {
  std::uint8_t body[32];
  Writer writer(body);
  writer.identity(peer);
  writer.u64(highest);
  own(EventType::kStale, Bytes(body));
}

}  // namespace openais
