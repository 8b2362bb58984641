// Reads one socket, several buffers a call. A buffer holds one datagram, or several of one sender that the kernel
// merged.
#pragma once

#include <netinet/in.h>

#include <vector>

#include "core/types.hpp"
#include "io/io_stats.hpp"

namespace openais {

struct ReceivedBuffer {
  MutableBytes bytes;
  std::size_t segment = 0;  // bytes of each datagram in it, the last may be shorter
  Endpoint from;
};

class Receiver {
 public:
  // `buffers`: how many are read by one call.
  Receiver(int fd, std::size_t buffers, IoStats& stats);
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // The next buffer, valid until the call that follows the last one of a batch. False: the socket was empty at some
  // moment since begin(): everything that had come before begin() was given out.
  bool next(ReceivedBuffer& out);
  // A look at the socket begins.
  void begin() { is_drained_ = false; }
  // Something was read and not yet taken: the socket need not be readable for next() to succeed.
  bool has_pending() const { return taken_ < filled_; }

  MutableBytes memory() { return memory_; }

 private:
  struct Slot {
    iovec vector;
    sockaddr_storage from;
    alignas(cmsghdr) std::uint8_t control[64];
  };

  bool fill();
  bool take(ReceivedBuffer& out);

  int fd_;
  IoStats& stats_;
  std::vector<std::uint8_t> memory_;
  std::vector<Slot> slots_;
  std::vector<mmsghdr> headers_;
  std::size_t filled_ = 0;
  std::size_t taken_ = 0;
  bool is_drained_ = false;
  std::uint32_t overflows_seen_ = 0;
};

}  // namespace openais
