#include "delivery.hpp"

#include <algorithm>

#include "fnv.hpp"

namespace openais {
namespace {

constexpr std::uint8_t kMessageFrame = 1;
constexpr std::uint8_t kConfigurationFrame = 2;
constexpr std::uint8_t kSafe = 1;
constexpr std::uint8_t kOwn = 2;
constexpr std::size_t kMessageHead = 16;

std::uint64_t label_of(Bytes head, Bytes tail) {
  std::uint8_t bytes[8] = {};
  const std::size_t first = std::min<std::size_t>(8, head.size());
  if (first > 0) std::memcpy(bytes, head.data(), first);
  const std::size_t second = std::min<std::size_t>(8 - first, tail.size());
  if (second > 0) std::memcpy(bytes + first, tail.data(), second);
  std::uint64_t label;
  std::memcpy(&label, bytes, 8);
  return label;
}

}  // namespace

std::uint8_t* Delivery::begin_frame(std::size_t size, bool may_refuse) {
  is_frame_waiting_ = false;
  std::uint8_t* at = waiting_.empty() ? out_.reserve(size) : nullptr;
  if (at != nullptr || may_refuse) return at;
  is_frame_waiting_ = true;
  waiting_bytes_ += size;
  return waiting_.emplace_back(size).data();
}

void Delivery::finish_frame(std::size_t size) {
  if (!is_frame_waiting_) out_.commit(size);
}

bool Delivery::flush() {
  while (!waiting_.empty()) {
    const std::vector<std::uint8_t>& frame = waiting_.front();
    std::uint8_t* at = out_.reserve(frame.size());
    if (at == nullptr) return false;
    std::memcpy(at, frame.data(), frame.size());
    out_.commit(frame.size());
    waiting_bytes_ -= frame.size();
    waiting_.pop_front();
  }
  return true;
}

bool Delivery::message(const MessageInfo& info, Bytes head, Bytes tail) {
  const std::size_t length = head.size() + tail.size();
  const std::size_t size = kFrameHeader + kMessageHead + length;
  std::uint8_t* at = begin_frame(size, !is_installing_);
  if (at == nullptr) return false;
  const auto flags = static_cast<std::uint8_t>((info.safe ? kSafe : 0) | (info.own ? kOwn : 0));
  const FrameHeader frame{static_cast<std::uint32_t>(size), kMessageFrame, static_cast<std::uint8_t>(info.priority),
                          flags, 0};
  std::memcpy(at, &frame, sizeof frame);
  Writer writer(at + kFrameHeader);
  writer.u32(info.sender);
  writer.u32(info.ordinal);
  writer.u64(info.seq);
  writer.bytes(head);
  writer.bytes(tail);
  finish_frame(size);
  ++stats_.messages_delivered;
  stats_.bytes_delivered += length;
  if (trace_ != nullptr) {
    TraceRecord record;
    record.kind = TraceRecord::kDeliver;
    record.priority = static_cast<std::uint8_t>(info.priority);
    record.flags = info.safe ? kSafe : 0;
    record.length = static_cast<std::uint32_t>(length);
    record.time = now_;
    record.ring = info.ring;
    record.seq = info.seq;
    record.ordinal = info.ordinal;
    record.origin = info.sender;
    record.hash = fnv1a(tail, fnv1a(head));
    record.label = label_of(head, tail);
    trace_->record(record);
  }
  return true;
}

void Delivery::configuration(const ConfigurationChange& change) {
  const std::size_t size = kFrameHeader + 40 + change.members.size() * 24;
  std::uint8_t* at = begin_frame(size, false);
  const FrameHeader frame{static_cast<std::uint32_t>(size), kConfigurationFrame,
                          static_cast<std::uint8_t>(change.transitional ? 1 : 0), 0, 0};
  std::memcpy(at, &frame, sizeof frame);
  Writer writer(at + kFrameHeader);
  writer.ring_id(change.ring);
  writer.ring_id(change.old);
  writer.u16(static_cast<std::uint16_t>(change.members.size()));
  writer.zeros(6);
  for (const Identity& member : change.members) writer.identity(member);
  finish_frame(size);
  if (trace_ == nullptr) return;
  TraceRecord record;
  record.kind = TraceRecord::kConfiguration;
  record.priority = change.transitional ? 1 : 0;
  record.length = static_cast<std::uint32_t>(change.members.size());
  record.time = now_;
  record.ring = change.ring;
  record.seq = change.old.seq;
  record.ordinal = change.old.nonce;
  record.origin = change.old.representative;
  trace_->record(record);
  for (const Identity& identity : change.members) {
    TraceRecord member;
    member.kind = TraceRecord::kMember;
    member.time = now_;
    member.seq = identity.incarnation;
    member.ordinal = identity.node;
    trace_->record(member);
  }
}

}  // namespace openais
