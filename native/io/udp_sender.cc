#include "io/udp_sender.hpp"

#include <netinet/udp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/clock.hpp"

namespace openais {
namespace {

// An error that belongs to an earlier datagram (a refusal, a cut) eats the call that reports it.
constexpr int kRetries = 1;

msghdr message(const SocketAddress& to, iovec& vector) {
  msghdr header{};
  header.msg_name = const_cast<sockaddr*>(to.get());
  header.msg_namelen = to.size;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  return header;
}

}  // namespace

void UdpSender::send(const SocketAddress& to, MutableBytes bytes, std::size_t segment) {
  const bool is_segmented = can_segment_ && bytes.size() > segment && segment < too_long_;
  if (!is_segmented || !send_segmented(to, bytes, segment)) send_each(to, bytes, segment);
}

// False: the kernel cannot cut these, they have to go one by one.
bool UdpSender::send_segmented(const SocketAddress& to, MutableBytes bytes, std::size_t segment) {
  alignas(cmsghdr) std::uint8_t control[CMSG_SPACE(sizeof(std::uint16_t))] = {};
  iovec vector{bytes.data(), bytes.size()};
  msghdr header = message(to, vector);
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* option = CMSG_FIRSTHDR(&header);
  option->cmsg_level = IPPROTO_UDP;
  option->cmsg_type = UDP_SEGMENT;
  option->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size = static_cast<std::uint16_t>(segment);
  std::memcpy(CMSG_DATA(option), &size, sizeof size);

  const std::size_t count = (bytes.size() + segment - 1) / segment;
  for (int retries = kRetries;;) {
    ++stats_.send_calls;
    if (::sendmsg(fd_, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
      stats_.datagrams_sent += count;
      stats_.datagrams_segmented += count;
      return true;
    }
    switch (errno) {
      case EIO:  // the interface computes no checksums: never again
      case ENOPROTOOPT:
      case EOPNOTSUPP:
        can_segment_ = false;
        ++stats_.segmentation_refusals;
        return false;
      case EINVAL:  // longer than the interface admits: IP may still fragment them
      case EMSGSIZE:
        too_long_ = segment;
        ++stats_.segmentation_refusals;
        return false;
      default:
        if (judge(errno, retries) == Verdict::kAgain) continue;
        stats_.datagrams_unsent += count;
        return true;
    }
  }
}

void UdpSender::send_each(const SocketAddress& to, MutableBytes bytes, std::size_t segment) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < bytes.size() && count < kMaxSegments; at += segment, ++count) {
    vectors_[count] = {bytes.data() + at, std::min(segment, bytes.size() - at)};
    headers_[count] = {message(to, vectors_[count]), 0};
  }
  std::size_t done = 0;
  int retries = kRetries;
  while (done < count) {
    ++stats_.send_calls;
    const int sent = ::sendmmsg(fd_, &headers_[done], static_cast<unsigned>(count - done), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      stats_.datagrams_sent += static_cast<std::size_t>(sent);
      retries = kRetries;
      continue;
    }
    const Verdict verdict = judge(errno, retries);
    if (verdict == Verdict::kAgain) continue;
    const std::size_t skipped = verdict == Verdict::kSkipOne ? 1 : count - done;
    stats_.datagrams_unsent += skipped;
    done += skipped;
  }
}

UdpSender::Verdict UdpSender::judge(int error, int& retries) {
  switch (error) {
    case EINTR:
      return Verdict::kAgain;
    case EAGAIN:
      return wait_until_writable() ? Verdict::kAgain : Verdict::kSkipAll;
    case ENOBUFS:  // the queue of the interface is full, of which poll knows nothing
    case ENOMEM:
      return wait_a_little() ? Verdict::kAgain : Verdict::kSkipAll;
    case EPERM:  // a firewall took this one
    case EINVAL:
    case EMSGSIZE:
      return Verdict::kSkipOne;
    default:  // ECONNREFUSED, ENETDOWN, ENETUNREACH, EHOSTUNREACH, ENODEV: perhaps of an earlier one
      return retries-- > 0 ? Verdict::kAgain : Verdict::kSkipAll;
  }
}

bool UdpSender::wait_until_writable() {
  if (patience_ == 0) return false;
  ++stats_.send_waits;
  const Time began = clock_now();
  pollfd wanted{fd_, POLLOUT, 0};
  const timespec limit = to_timespec(patience_);
  ::ppoll(&wanted, 1, &limit, nullptr);
  patience_ -= std::min(patience_, clock_now() - began);
  // With an error in the socket's queue poll comes back at once.
  return (wanted.revents & POLLOUT) != 0 || wait_a_little();
}

bool UdpSender::wait_a_little() {
  const Time pause = std::min(patience_, kMillisecond);
  if (pause == 0) return false;
  ++stats_.send_waits;
  const timespec limit = to_timespec(pause);
  ::ppoll(nullptr, 0, &limit, nullptr);
  patience_ -= pause;
  return true;
}

}  // namespace openais
