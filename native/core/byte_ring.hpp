// A ring of memory with one producer and one consumer, each on a thread of its own: frames cross the boundary through
// it. A frame is contiguous: where it does not fit before the end, a padding frame (type 0) fills the rest.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>

#include "types.hpp"

namespace openais {

constexpr std::size_t kFrameHeader = 8;
constexpr std::size_t frame_padded(std::size_t size) {
  return (size + 7) & ~std::size_t{7};
}

struct FrameHeader {
  std::uint32_t size = 0;  // whole frame, without padding to 8
  std::uint8_t type = 0;
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  std::uint8_t c = 0;
};
static_assert(sizeof(FrameHeader) == kFrameHeader);

class ByteRing {
 public:
  // `capacity` is a power of two. The largest frame that always fits is half of it.
  explicit ByteRing(std::size_t capacity)
      : memory_(new std::uint8_t[capacity]()), capacity_(capacity), mask_(capacity - 1) {}

  // Producer. Null if the consumer has not made room; nothing is reserved then.
  std::uint8_t* reserve(std::size_t size) {
    const std::size_t padded = frame_padded(size);
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    std::size_t free = capacity_ - static_cast<std::size_t>(head - tail_.load(std::memory_order_acquire));
    const std::size_t at = static_cast<std::size_t>(head) & mask_;
    const std::size_t to_end = capacity_ - at;
    if (padded <= to_end) {
      reserved_at_ = head;
      return padded <= free ? memory_.get() + at : nullptr;
    }
    if (to_end + padded > free) return nullptr;
    const FrameHeader padding{static_cast<std::uint32_t>(to_end), 0, 0, 0, 0};
    std::memcpy(memory_.get() + at, &padding, sizeof padding);
    reserved_at_ = head + to_end;
    return memory_.get();
  }

  // Producer. Publishes the frame that was written at reserve()'s address.
  void commit(std::size_t size) { head_.store(reserved_at_ + frame_padded(size), std::memory_order_release); }

  // Consumer. The next frame, or null. Valid until pop().
  std::uint8_t* front() {
    std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    while (tail != head) {
      std::uint8_t* frame = memory_.get() + (static_cast<std::size_t>(tail) & mask_);
      FrameHeader header;
      std::memcpy(&header, frame, sizeof header);
      if (header.type != 0) return frame;
      tail += header.size;
      tail_.store(tail, std::memory_order_release);
    }
    return nullptr;
  }

  void pop() {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    std::uint32_t size;
    std::memcpy(&size, memory_.get() + (static_cast<std::size_t>(tail) & mask_), sizeof size);
    tail_.store(tail + frame_padded(size), std::memory_order_release);
  }

  // Consumer in bulk (JavaScript walks the frames itself): everything in [tail, head) is published; release() gives it
  // back.
  std::uint64_t head() const { return head_.load(std::memory_order_acquire); }
  std::uint64_t tail() const { return tail_.load(std::memory_order_acquire); }
  void release(std::uint64_t tail) { tail_.store(tail, std::memory_order_release); }

  bool empty() const { return head() == tail(); }
  std::size_t used() const { return static_cast<std::size_t>(head() - tail()); }
  std::size_t capacity() const { return capacity_; }
  std::uint8_t* memory() { return memory_.get(); }

 private:
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t capacity_;
  std::size_t mask_;
  std::uint64_t reserved_at_ = 0;
  alignas(64) std::atomic<std::uint64_t> head_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace openais
