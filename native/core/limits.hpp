// Every bound of the core, by name.
#pragma once

#include <cstddef>

namespace openais {

constexpr std::size_t kMaxMembers = 128;              // of a ring; the bitmap of a commit entry is as wide
constexpr std::size_t kMaxJoinEntries = 256;          // of each list of a join
constexpr std::size_t kMaxMessage = (1u << 20) + 64;  // bytes; 1 MiB of payload and the headers above
constexpr std::size_t kMaxDatagram = 65507;
constexpr std::size_t kMinDatagram = 548;    // what every IPv4 host takes in one piece
constexpr std::size_t kMaxControl = 16384;   // bytes of a control packet
constexpr std::size_t kMaxPeers = 512;       // incarnations that are remembered
constexpr std::size_t kMaxRings = 3;         // installed, old, forming
constexpr std::size_t kReplayWindow = 4096;  // packets
constexpr std::size_t kMaxRequests = 256;    // ranges of a token's retransmit list
constexpr std::size_t kMaxWindow = 4096;     // packets a rotation

}  // namespace openais
