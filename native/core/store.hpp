// The packets of one ring by sequence number: those that somebody may still ask for or that were not delivered yet.
// Bounded: a packet that is further ahead than the store is wide is not taken, and the senders stall before that
// (totem 1.7). Recovery reaches as far again: a member whose application lags may have a store full of what it
// received, and what others sent beyond that is still its to deliver (E9). Senders go half a width past what all have
// received.
#pragma once

#include <algorithm>
#include <vector>

#include "packet_pool.hpp"

namespace openais {

class Store {
 public:
  // `capacity` is a power of two. Sequence numbers start at `first`.
  Store(PacketPool& pool, std::size_t capacity, std::uint64_t first)
      : pool_(pool),
        slots_(2 * capacity),
        mask_(2 * capacity - 1),
        base_(first - 1),
        contiguous_(first - 1),
        high_(first - 1) {}
  ~Store() {
    for (std::uint64_t seq = base_ + 1; seq <= high_; ++seq)
      if (Packet* packet = slots_[seq & mask_]) pool_.give(packet);
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // To be taken off the wire.
  bool in_range(std::uint64_t seq) const { return seq > base_ && seq - base_ <= capacity(); }
  // To be taken in recovery.
  bool in_reach(std::uint64_t seq) const { return seq > base_ && seq - base_ <= slots_.size(); }
  bool holds(std::uint64_t seq) const { return in_reach(seq) && slots_[seq & mask_] != nullptr; }
  Packet* get(std::uint64_t seq) const { return in_reach(seq) ? slots_[seq & mask_] : nullptr; }

  // REQUIRES in_reach(packet->seq) and not held. Takes ownership.
  void put(Packet* packet) {
    slots_[packet->seq & mask_] = packet;
    ++used_;
    high_ = std::max(high_, packet->seq);
    while (contiguous_ < high_ && slots_[(contiguous_ + 1) & mask_] != nullptr) ++contiguous_;
  }

  // Gives back everything up to `seq`.
  void discard_to(std::uint64_t seq) {
    seq = std::min(seq, contiguous_);
    for (; base_ < seq; ++base_) {
      Packet*& slot = slots_[(base_ + 1) & mask_];
      pool_.give(slot);
      slot = nullptr;
      --used_;
    }
  }

  std::uint64_t base() const { return base_; }              // all up to here are discarded
  std::uint64_t contiguous() const { return contiguous_; }  // "mine": all up to here were received
  std::uint64_t high() const { return high_; }              // the highest received
  std::size_t capacity() const { return slots_.size() / 2; }
  std::size_t used() const { return used_; }

 private:
  PacketPool& pool_;
  std::vector<Packet*> slots_;
  std::uint64_t mask_;
  std::uint64_t base_;
  std::uint64_t contiguous_;
  std::uint64_t high_;
  std::size_t used_ = 0;
};

}  // namespace openais
