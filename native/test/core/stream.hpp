// Messages through packer and assembler without a ring between them: what one sender packs, one receiver puts together.
#pragma once

#include <string>
#include <vector>

#include "core/assembler.hpp"
#include "core/packer.hpp"
#include "node.hpp"

namespace openais::test {

constexpr std::size_t kPayload = 500;

// A sender's side.
struct Sender {
  explicit Sender(std::size_t bytes_each = 1 << 22) : submits(bytes_each), packer(submits, events, true) {}

  bool submit(Priority priority, const std::string& text, bool safe = false, std::uint64_t ticket = 0,
              RingId only_in = {}) {
    return submits.submit(priority, safe ? kSubmitSafe : 0, ticket, only_in, bytes_of(text));
  }

  // The next packet, from a slot of `pool`; null if nothing waits.
  Packet* pack(PacketPool& pool, std::size_t payload = kPayload) {
    Packet* packet = pool.take();
    const auto packed = packer.fill({packet->plain() + DataHeader::kSize, payload}, ring, seq);
    if (!packed) {
      pool.give(packet);
      return nullptr;
    }
    packet->seq = seq++;
    packet->size = static_cast<std::uint32_t>(DataHeader::kSize + packed->size);
    packet->first_start = packed->first_start;
    packet->flags = static_cast<std::uint8_t>((packed->safe ? DataHeader::kSafe : 0) |
                                              (static_cast<unsigned>(packed->priority) << DataHeader::kPriorityShift));
    return packet;
  }

  // {ticket, seq} of what was placed.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> placed() {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    while (const std::uint8_t* frame = event_ring.front()) {
      Reader reader(Bytes(frame + kFrameHeader, 16));
      const std::uint64_t ticket = reader.u64();
      out.emplace_back(ticket, reader.u64());
      event_ring.pop();
    }
    return out;
  }

  RingId ring{1, 2, 3};
  std::uint64_t seq = 1;
  Stats stats;
  ByteRing event_ring{1 << 16};
  Events events{event_ring, stats};
  SubmitQueues submits;
  Packer packer;
};

// A receiver's side, of one origin or several.
struct Receiver {
  explicit Receiver(std::size_t delivery_bytes = 1 << 22, std::size_t members = 1)
      : memory(delivery_bytes), assembler(members) {}

  // Delivers a packet as the ring does: again and again until there was room for all of it.
  void take(const Packet& packet, std::uint8_t origin = 0) {
    while (!try_take(packet, origin)) consume();
    consume();
  }

  bool try_take(const Packet& packet, std::uint8_t origin = 0) {
    MessageInfo info;
    info.sender = origin + 1u;
    info.seq = packet.seq;
    info.priority = packet.priority();
    info.safe = packet.is_safe();
    return assembler.deliver(packet, info, cursor, delivery, stats);
  }

  void consume() {
    while (const std::uint8_t* frame = memory.front()) {
      FrameHeader header;
      std::memcpy(&header, frame, sizeof header);
      Reader reader(Bytes(frame + kFrameHeader, header.size - kFrameHeader));
      Delivered message{reader.u32(), 0, {}, static_cast<Priority>(header.a), (header.b & 1) != 0};
      ordinals.push_back(reader.u32());
      message.seq = reader.u64();
      const Bytes text = reader.take(reader.left());
      message.text.assign(text.begin(), text.end());
      got.push_back(std::move(message));
      memory.pop();
    }
  }

  std::uint64_t malformed() const { return stats.dropped[static_cast<std::size_t>(Drop::kMalformed)]; }

  Stats stats;
  ByteRing memory;
  Delivery delivery{memory, nullptr, stats};
  Assembler assembler;
  PacketCursor cursor;
  std::vector<Delivered> got;
  std::vector<std::uint32_t> ordinals;
};

}  // namespace openais::test
