// Sends datagrams over one link: many in one call where the kernel can cut them itself, one by one where it cannot.
// Never fails and never waits for long: what the kernel does not take is dropped and counted, and the protocol repeats
// it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

#include "io/address.hpp"
#include "io/bounds.hpp"
#include "io/io_stats.hpp"

namespace openais {

class UdpSender {
 public:
  UdpSender(int fd, bool can_segment, IoStats& stats) : fd_(fd), can_segment_(can_segment), stats_(stats) {}

  // A flush begins: there is patience again with a full socket.
  void begin() { patience_ = kSendPatience; }
  // `bytes`: datagrams of `segment` bytes side by side, the last may be shorter; at most kMaxSegments and
  // kMaxSegmentedBytes.
  void send(const SocketAddress& to, MutableBytes bytes, std::size_t segment);

  bool can_segment() const { return can_segment_; }

 private:
  enum class Verdict : std::uint8_t { kAgain, kSkipOne, kSkipAll };

  bool send_segmented(const SocketAddress& to, MutableBytes bytes, std::size_t segment);
  void send_each(const SocketAddress& to, MutableBytes bytes, std::size_t segment);
  // What to do after an error of a plain send.
  Verdict judge(int error, int& retries);
  bool wait_until_writable();
  bool wait_a_little();

  int fd_;
  bool can_segment_;
  std::size_t too_long_ = kMaxSegmentedBytes;  // datagrams of this size and above do not fit the interface in one piece
  Time patience_ = 0;
  IoStats& stats_;
  std::array<mmsghdr, kMaxSegments> headers_{};
  std::array<iovec, kMaxSegments> vectors_{};
};

}  // namespace openais
