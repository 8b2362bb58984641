#include "io/error_queue.hpp"

// The kernel's header needs the time's before it.
// clang-format off
#include <time.h>
#include <linux/errqueue.h>
// clang-format on
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

#include "io/address.hpp"

namespace openais {

QueuedError take_queued_error(int fd, Endpoint& to) {
  sockaddr_storage name{};
  alignas(cmsghdr) std::uint8_t control[512];
  std::uint8_t payload;
  iovec vector{&payload, sizeof payload};
  msghdr header{};
  header.msg_name = &name;
  header.msg_namelen = sizeof name;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  if (::recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
    // An error that found no room in the queue is left at the socket, which would be reported as ready for ever.
    int left = 0;
    socklen_t size = sizeof left;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &left, &size);
    return QueuedError::kNone;
  }
  to = to_endpoint(name);
  for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
    const bool is_error = (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_RECVERR) ||
                          (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_RECVERR);
    if (!is_error) continue;
    sock_extended_err error;
    std::memcpy(&error, CMSG_DATA(message), sizeof error);
    const bool is_remote = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
    if (is_remote && error.ee_errno == ECONNREFUSED) return QueuedError::kRefused;
  }
  return QueuedError::kOther;
}

}  // namespace openais
