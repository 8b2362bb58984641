#include "packer.hpp"

#include <algorithm>

#include "fnv.hpp"

namespace openais {
namespace {

std::size_t length_size(std::size_t length) {
  return length < (1u << 7) ? 1 : length < (1u << 14) ? 2 : 3;
}

std::size_t write_length(std::uint8_t* out, std::size_t length) {
  std::size_t size = 0;
  while (length >= 0x80) {
    out[size++] = static_cast<std::uint8_t>(length | 0x80);
    length >>= 7;
  }
  out[size++] = static_cast<std::uint8_t>(length);
  return size;
}

}  // namespace

std::optional<Packed> Packer::fill(MutableBytes payload, const RingId& ring, std::uint64_t seq) {
  records_.clear();
  for (std::size_t p = 0; p < kPriorities; ++p) {
    if ((mask_ & (1u << p)) == 0) continue;
    Packed packed;
    packed.priority = static_cast<Priority>(p);
    if (fill_from(packed.priority, payload, ring, seq, packed)) return packed;
  }
  return std::nullopt;
}

bool Packer::fill_from(Priority priority, MutableBytes payload, const RingId& ring, std::uint64_t seq, Packed& packed) {
  ByteRing& queue = queues_.queue(priority);
  std::size_t& sent = sent_[static_cast<std::size_t>(priority)];
  while (packed.size < payload.size()) {
    const std::uint8_t* frame = queue.front();
    if (frame == nullptr) break;
    SubmitHeader header;
    std::memcpy(&header, frame, sizeof header);
    const Bytes message(frame + sizeof header, header.frame.size - sizeof header);
    std::size_t room = payload.size() - packed.size;
    if (sent == 0) {
      if (!header.only_in.is_none() && header.only_in != ring) {
        if (header.ticket != 0) events_.placed(header.ticket, 0);
        queue.pop();
        continue;
      }
      const std::size_t prefix = length_size(message.size());
      if (room <= prefix) {
        // Full to the last byte, so that it leaves in one call with its neighbours of the same size.
        std::memset(payload.data() + packed.size, 0, room);
        packed.size = payload.size();
        break;
      }
      if (packed.first_start == DataHeader::kNoStart) packed.first_start = static_cast<std::uint16_t>(packed.size);
      packed.size += write_length(payload.data() + packed.size, message.size());
      room -= prefix;
    }
    if ((header.frame.b & kSubmitSafe) != 0) packed.safe = true;
    const std::size_t part = std::min(room, message.size() - sent);
    std::memcpy(payload.data() + packed.size, message.data() + sent, part);
    packed.size += part;
    sent += part;
    if (sent < message.size()) break;
    completed(header, message, priority, seq, packed);
    queue.pop();
    sent = 0;
  }
  return packed.size > 0;
}

void Packer::completed(const SubmitHeader& header, Bytes message, Priority priority, std::uint64_t seq,
                       Packed& packed) {
  if (header.ticket != 0) events_.placed(header.ticket, seq);
  if (trace_) {
    TraceRecord record;
    record.kind = TraceRecord::kSend;
    record.priority = static_cast<std::uint8_t>(priority);
    record.length = static_cast<std::uint32_t>(message.size());
    record.seq = seq;
    record.ordinal = static_cast<std::uint32_t>(packed.messages);
    record.hash = fnv1a(message);
    std::memcpy(&record.label, message.data(), std::min<std::size_t>(8, message.size()));
    records_.push_back(record);
  }
  ++packed.messages;
}

std::size_t Packer::backlog(std::size_t payload_size) const {
  std::size_t bytes = 0;
  for (std::size_t p = 0; p < kPriorities; ++p)
    if ((mask_ & (1u << p)) != 0) bytes += queues_.queue(static_cast<Priority>(p)).used();
  return (bytes + payload_size - 1) / payload_size;
}

}  // namespace openais
