// Memory for data packets. Slots are all of one size and reused; a store that shrinks gives its slots to the next
// packets.
#pragma once

#include <memory>
#include <vector>

#include "packet.hpp"

namespace openais {

// A data packet as it lies in memory: opened, header in front. What is retransmitted is sealed afresh from here.
struct Packet {
  std::uint64_t seq = 0;
  std::uint32_t size = 0;  // of plain(): DataHeader and payload
  std::uint16_t first_start = DataHeader::kNoStart;
  std::uint8_t origin = 0;
  std::uint8_t flags = 0;
  bool copied = false;  // recovery: somebody multicast a copy of it in the forming ring

  std::uint8_t* plain() { return reinterpret_cast<std::uint8_t*>(this + 1); }
  const std::uint8_t* plain() const { return reinterpret_cast<const std::uint8_t*>(this + 1); }
  bool is_safe() const { return (flags & DataHeader::kSafe) != 0; }
  bool is_copy() const { return (flags & DataHeader::kCopy) != 0; }
  Priority priority() const { return static_cast<Priority>((flags >> DataHeader::kPriorityShift) & 3); }
  Bytes payload() const {
    const std::size_t head = DataHeader::kSize + (is_copy() ? CopyHeader::kSize : 0);
    return Bytes(plain() + head, size - head);
  }
};

class PacketPool {
 public:
  explicit PacketPool(std::size_t plain_size) : slot_size_((sizeof(Packet) + plain_size + 15) & ~std::size_t{15}) {}

  Packet* take() {
    if (free_.empty()) grow();
    Packet* packet = free_.back();
    free_.pop_back();
    ++used_;
    return new (packet) Packet;
  }

  void give(Packet* packet) {
    free_.push_back(packet);
    --used_;
  }

  // So that the steady state allocates nothing: memory is there, and was touched.
  void prepare(std::size_t slots) {
    while (chunks_.size() * kChunk < slots) grow();
  }

  std::size_t used() const { return used_; }

 private:
  static constexpr std::size_t kChunk = 64;

  void grow() {
    chunks_.push_back(std::make_unique<std::uint8_t[]>(slot_size_ * kChunk));
    free_.reserve(chunks_.size() * kChunk);
    for (std::size_t i = kChunk; i-- > 0;)
      free_.push_back(reinterpret_cast<Packet*>(chunks_.back().get() + i * slot_size_));
  }

  std::size_t slot_size_;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;
  std::vector<Packet*> free_;
};

}  // namespace openais
