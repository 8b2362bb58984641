#include "io/link_sockets.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/bounds.hpp"

namespace openais {
namespace {

bool set_option(const FileDescriptor& fd, int level, int name, int value) {
  return ::setsockopt(fd.get(), level, name, &value, sizeof value) == 0;
}

int option(const FileDescriptor& fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd.get(), level, name, &value, &size) == 0 ? value : -1;
}

std::string failure(const char* what, const Endpoint& endpoint) {
  return std::string("cannot ") + what + " " + format_endpoint(endpoint) + ": " + std::strerror(errno);
}

FileDescriptor datagram_socket(const Endpoint& endpoint) {
  return FileDescriptor(
      ::socket(endpoint.family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP));
}

bool bind_to(const FileDescriptor& fd, const Endpoint& endpoint) {
  const SocketAddress address = to_socket_address(endpoint);
  return ::bind(fd.get(), address.get(), address.size) == 0;
}

in_addr ipv4_address(const Endpoint& endpoint) {
  in_addr address{};
  std::memcpy(&address, endpoint.address.data(), sizeof address);
  return address;
}

// The kernel finds the interface of an address that no interface lists, such as 127.0.0.2. Then this is 0.
unsigned interface_of(const Endpoint& endpoint) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return 0;
  unsigned index = 0;
  for (const ifaddrs* at = list; at != nullptr && index == 0; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) continue;
    sockaddr_in in{};
    std::memcpy(&in, at->ifa_addr, sizeof in);
    if (std::memcmp(&in.sin_addr, endpoint.address.data(), sizeof in.sin_addr) == 0) {
      index = ::if_nametoindex(at->ifa_name);
    }
  }
  ::freeifaddrs(list);
  return index;
}

void grow_receive_buffer(const FileDescriptor& fd) {
  if (set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBufferWanted)) return;
  set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBufferWanted);
}

}  // namespace

std::unique_ptr<LinkSockets> LinkSockets::open(const LinkConfig& config, Transport transport, bool offload,
                                               std::string& error) {
  if (config.data.family != 4) {
    error = "a link needs an IPv4 address";
    return nullptr;
  }
  if (transport == Transport::kMulticast && (config.group.family != 4 || !is_multicast(config.group))) {
    error = format_endpoint(config.group) + " is no IPv4 multicast group";
    return nullptr;
  }
  if (config.data.port < 2) {
    error = "the port of data is at least 2: tokens use the one below";
    return nullptr;
  }
  std::unique_ptr<LinkSockets> link(new LinkSockets(config, transport));
  if (!link->open_token(error) || !link->open_data(error)) return nullptr;
  if (offload) {
    link->can_merge_ = set_option(link->data_, IPPROTO_UDP, UDP_GRO, 1);
    link->can_segment_ = option(link->token_, IPPROTO_UDP, UDP_SEGMENT) >= 0;
  }
  return link;
}

bool LinkSockets::open_token(std::string& error) {
  token_endpoint_ = with_port(config_.data, config_.data.port - 1);
  token_ = datagram_socket(token_endpoint_);
  if (!token_.is_open() || !bind_to(token_, token_endpoint_)) {
    error = failure("bind the token's socket to", token_endpoint_);
    return false;
  }
  grow_receive_buffer(token_);
  set_option(token_, SOL_SOCKET, SO_SNDBUF, kSendBufferWanted);
  // A host that refuses tells so: the first hint that a process died (A29).
  set_option(token_, IPPROTO_IP, IP_RECVERR, 1);
  // Control packets may be longer than the interface admits, and a path that somebody claims to be narrow is not
  // believed.
  set_option(token_, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
  if (transport_ == Transport::kUnicast) return true;
  const bool is_set = choose_interface() && set_option(token_, IPPROTO_IP, IP_MULTICAST_TTL, config_.ttl) &&
                      set_option(token_, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
  if (!is_set) error = failure("multicast from", token_endpoint_);
  return is_set;
}

bool LinkSockets::open_data(std::string& error) {
  const bool is_multicast = transport_ == Transport::kMulticast;
  const Endpoint& bound = is_multicast ? config_.group : config_.data;
  data_ = datagram_socket(bound);
  // Several nodes of one host share the group's address. Without multicast nobody shares.
  if (data_.is_open() && is_multicast) set_option(data_, SOL_SOCKET, SO_REUSEADDR, 1);
  if (!data_.is_open() || !bind_to(data_, bound)) {
    error = failure("bind the data socket to", bound);
    return false;
  }
  grow_receive_buffer(data_);
  set_option(data_, SOL_SOCKET, SO_RXQ_OVFL, 1);
  receive_buffer_ = static_cast<std::size_t>(std::max(0, option(data_, SOL_SOCKET, SO_RCVBUF))) / 2;
  if (!is_multicast) return true;
  // Otherwise whatever any process of this host joined would arrive.
  set_option(data_, IPPROTO_IP, IP_MULTICAST_ALL, 0);
  if (!join()) {
    error = failure("join the group on the interface of", config_.data);
    return false;
  }
  joined_interface_ = interface_of(config_.data);
  return true;
}

bool LinkSockets::choose_interface() {
  ip_mreqn request{};
  request.imr_address = ipv4_address(config_.data);
  return ::setsockopt(token_.get(), IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) == 0;
}

bool LinkSockets::join() {
  ip_mreqn request{};
  request.imr_multiaddr = ipv4_address(config_.group);
  request.imr_address = ipv4_address(config_.data);
  return ::setsockopt(data_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

void LinkSockets::rejoin() {
  // Where we still are a member, the kernel refuses, and nothing goes over the wire.
  if (transport_ == Transport::kUnicast || !join()) return;
  ip_mreqn old{};
  old.imr_multiaddr = ipv4_address(config_.group);
  old.imr_ifindex = static_cast<int>(joined_interface_);
  // The kernel keeps memberships of interfaces that are gone, and admits twenty a socket.
  if (joined_interface_ != 0) ::setsockopt(data_.get(), IPPROTO_IP, IP_DROP_MEMBERSHIP, &old, sizeof old);
  joined_interface_ = interface_of(config_.data);
  choose_interface();
}

}  // namespace openais
