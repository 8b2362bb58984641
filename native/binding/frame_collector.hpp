// What an engine without sockets sends, and what it records, kept in order until the simulator takes it.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "core/byte_ring.hpp"
#include "core/trace.hpp"
#include "core/transmitter.hpp"

namespace openais {

// In front of each collected datagram. The next one starts at a multiple of 8.
struct SendHeader {
  std::uint32_t size = 0;  // of header and datagram
  std::uint8_t socket = 0;
  std::uint8_t multicast = 0;
  std::uint16_t port = 0;
  std::uint8_t links = 0;
  std::uint8_t zero[3] = {};
};
static_assert(sizeof(SendHeader) == 12);

class FrameCollector : public Transmitter {
 public:
  // Of what waits to be taken. What goes beyond is lost, as a full socket would lose it.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 26;

  std::uint8_t* reserve(std::size_t size) override {
    const std::size_t end = used_ + frame_padded(sizeof(SendHeader) + size);
    if (end > capacity_) grow(end);
    return memory_.get() + used_ + sizeof(SendHeader);
  }

  void commit(const Destination& destination, std::size_t size) override {
    SendHeader header;
    header.size = static_cast<std::uint32_t>(sizeof header + size);
    header.socket = static_cast<std::uint8_t>(destination.socket);
    header.multicast = destination.multicast ? 1 : 0;
    header.port = destination.to.port;
    header.links = destination.links;
    const std::size_t padded = frame_padded(header.size);
    if (used_ + padded > kMaxBytes) return;
    std::uint8_t* const frame = memory_.get() + used_;
    std::memcpy(frame, &header, sizeof header);
    std::memset(frame + header.size, 0, padded - header.size);
    used_ += padded;
  }

  Bytes collected() const { return Bytes(memory_.get(), used_); }
  void clear() { used_ = 0; }

 private:
  void grow(std::size_t least) {
    std::size_t capacity = capacity_ == 0 ? 4096 : capacity_;
    while (capacity < least) capacity *= 2;
    std::unique_ptr<std::uint8_t[]> memory(new std::uint8_t[capacity]);
    if (used_ > 0) std::memcpy(memory.get(), memory_.get(), used_);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

class TraceCollector : public TraceSink {
 public:
  static constexpr std::size_t kMaxRecords = std::size_t{1} << 20;

  void record(const TraceRecord& record) override {
    if (records_.size() < kMaxRecords)
      records_.push_back(record);
    else
      has_overflowed_ = true;
  }

  // A history with a hole proves nothing: whoever takes it has to be told.
  bool has_overflowed() const { return has_overflowed_; }
  const std::vector<TraceRecord>& records() const { return records_; }
  void clear() { records_.clear(); }

 private:
  std::vector<TraceRecord> records_;
  bool has_overflowed_ = false;
};

}  // namespace openais
