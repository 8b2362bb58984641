// What the core sends through. The driver owns the memory, so that datagrams of one size lie side by side and leave in
// one call.
#pragma once

#include "types.hpp"

namespace openais {

struct Destination {
  PacketClass socket = PacketClass::kData;  // the receiver's socket
  bool multicast = true;                    // to every node; `to` is ignored
  Endpoint to{};
  LinkMask links = 1;
};

class Transmitter {
 public:
  virtual ~Transmitter() = default;
  // Room for one datagram of up to `size` bytes, valid until the matching commit().
  virtual std::uint8_t* reserve(std::size_t size) = 0;
  // Datagrams leave in the order of commit(), at the latest at the driver's flush.
  virtual void commit(const Destination& destination, std::size_t size) = 0;
};

}  // namespace openais
