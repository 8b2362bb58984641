#include "io/receiver.hpp"

#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "io/address.hpp"
#include "io/bounds.hpp"

namespace openais {
namespace {

// An error of an earlier send is reported by whichever call comes next, and then is gone.
constexpr int kAttempts = 3;

template <typename T>
T control_value(const cmsghdr* message) {
  T value{};
  std::memcpy(&value, CMSG_DATA(message), sizeof value);
  return value;
}

}  // namespace

Receiver::Receiver(int fd, std::size_t buffers, IoStats& stats)
    : fd_(fd), stats_(stats), memory_(buffers * kReceiveBufferBytes), slots_(buffers), headers_(buffers) {
  for (std::size_t i = 0; i < buffers; ++i) {
    slots_[i].vector = {memory_.data() + i * kReceiveBufferBytes, kReceiveBufferBytes};
    msghdr& header = headers_[i].msg_hdr;
    header.msg_name = &slots_[i].from;
    header.msg_iov = &slots_[i].vector;
    header.msg_iovlen = 1;
    header.msg_control = slots_[i].control;
  }
}

bool Receiver::next(ReceivedBuffer& out) {
  for (;;) {
    if (taken_ == filled_ && (is_drained_ || !fill())) return false;
    while (taken_ < filled_)
      if (take(out)) return true;
  }
}

bool Receiver::fill() {
  // The kernel overwrites these with what it used.
  for (std::size_t i = 0; i < headers_.size(); ++i) {
    headers_[i].msg_hdr.msg_namelen = sizeof slots_[i].from;
    headers_[i].msg_hdr.msg_controllen = sizeof slots_[i].control;
  }
  filled_ = taken_ = 0;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const int count = ::recvmmsg(fd_, headers_.data(), static_cast<unsigned>(headers_.size()), MSG_DONTWAIT, nullptr);
    ++stats_.receive_calls;
    if (count > 0) {
      filled_ = static_cast<std::size_t>(count);
      stats_.buffers_received += filled_;
      // Less than there was room for: the kernel had no more.
      is_drained_ = filled_ < headers_.size();
      return true;
    }
    if (count == 0 || errno == EAGAIN || errno == EWOULDBLOCK) break;
  }
  is_drained_ = true;
  return false;
}

bool Receiver::take(ReceivedBuffer& out) {
  const std::size_t at = taken_++;
  msghdr& header = headers_[at].msg_hdr;
  const std::size_t size = headers_[at].msg_len;
  out.segment = size;
  for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
    if (message->cmsg_level == IPPROTO_UDP && message->cmsg_type == UDP_GRO) {
      const int segment = control_value<int>(message);
      if (segment > 0) out.segment = static_cast<std::size_t>(segment);
    } else if (message->cmsg_level == SOL_SOCKET && message->cmsg_type == SO_RXQ_OVFL) {
      // A running count of 32 bits.
      const auto overflows = control_value<std::uint32_t>(message);
      stats_.receive_overflows += static_cast<std::uint32_t>(overflows - overflows_seen_);
      overflows_seen_ = overflows;
    }
  }
  if ((header.msg_flags & MSG_TRUNC) != 0) {
    ++stats_.datagrams_cut;
    return false;
  }
  if (size == 0) return false;
  out.bytes = MutableBytes(static_cast<std::uint8_t*>(slots_[at].vector.iov_base), size);
  out.from = to_endpoint(slots_[at].from);
  stats_.datagrams_received += (size + out.segment - 1) / out.segment;
  return true;
}

}  // namespace openais
