// The two sockets of one link. Data arrives at the group's address (or, by unicast, at ours) and the port of data;
// tokens and all that is meant for us alone arrive at our address and the port below. Everything leaves from the
// token's socket, so that the source address of a packet is where its sender wants its tokens (totem 1.10).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/address.hpp"
#include "io/file_descriptor.hpp"

namespace openais {

enum class Transport : std::uint8_t { kMulticast, kUnicast };  // 'udp' and 'udpu' of the configuration

struct LinkConfig {
  Endpoint data;                    // our address and the port of data
  Endpoint group;                   // the group and the same port; by unicast not used
  std::uint8_t ttl = 1;             // of multicast
  std::vector<Endpoint> receivers;  // by unicast: the data sockets of all others
};

class LinkSockets {
 public:
  // Null: `error` says what failed. `offload` false: merged and segmented datagrams are not tried.
  static std::unique_ptr<LinkSockets> open(const LinkConfig& config, Transport transport, bool offload,
                                           std::string& error);

  const LinkConfig& config() const { return config_; }
  Transport transport() const { return transport_; }
  int data() const { return data_.get(); }
  int token() const { return token_.get(); }
  Endpoint token_endpoint() const { return token_endpoint_; }
  // Bytes of datagrams that the data socket keeps for us, as read back: half of what the kernel books, which counts its
  // own overhead.
  std::size_t receive_buffer() const { return receive_buffer_; }
  bool can_merge() const { return can_merge_; }
  bool can_segment() const { return can_segment_; }

  // Joins the group again where the membership went with the interface. Costs nothing if it did not.
  void rejoin();

 private:
  LinkSockets(const LinkConfig& config, Transport transport) : config_(config), transport_(transport) {}
  bool open_data(std::string& error);
  bool open_token(std::string& error);
  bool join();
  bool choose_interface();

  LinkConfig config_;
  Transport transport_;
  FileDescriptor data_;
  FileDescriptor token_;
  Endpoint token_endpoint_;
  std::size_t receive_buffer_ = 0;
  unsigned joined_interface_ = 0;
  bool can_merge_ = false;
  bool can_segment_ = false;
};

}  // namespace openais
