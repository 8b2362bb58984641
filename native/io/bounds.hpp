// Every bound of the sockets and of the ring thread, by name.
#pragma once

#include <cstddef>

#include "core/types.hpp"

namespace openais {

constexpr std::size_t kMaxLinks = 8;                // a LinkMask has as many bits
constexpr std::size_t kMaxSegments = 64;            // datagrams in one segmented send: the limit of older kernels
constexpr std::size_t kMaxSegmentedBytes = 65000;   // of one segmented send
constexpr std::size_t kArenaBytes = 256 * 1024;     // of datagrams that wait for the flush
constexpr std::size_t kArenaGroups = 512;           // of such datagrams, each sent by one call
constexpr std::size_t kReceiveBuffers = 16;         // read by one call
constexpr std::size_t kReceiveBufferBytes = 65536;  // no UDP datagram is longer, merged or not
constexpr std::size_t kBuffersPerPass = 64;         // read between two looks at the other inputs
constexpr std::size_t kErrorsPerPass = 64;          // refusals read
constexpr std::size_t kCommandsPerPass = 256;
constexpr std::size_t kCommandBytes = 1u << 20;         // queue of commands; a power of two
constexpr int kReceiveBufferWanted = 16 * 1024 * 1024;  // of the data socket, if permitted
constexpr int kSendBufferWanted = 212'992;   // the queue of a slow link (512 kB) must hold more, or it drops silently
constexpr std::size_t kMinWindowOffer = 16;  // packets a rotation
// More gains nothing, with a rotation as short as it is on a fast link, and on a slow one the token waits behind it: 31
// ms at 100 Mbit/s.
constexpr std::size_t kMaxWindowOffer = 256;
constexpr Time kSendPatience = 50 * kMillisecond;  // waited for a full socket in one flush, then datagrams are dropped
constexpr Time kRejoinInterval = 1000 * kMillisecond;  // a link that came back has forgotten the group
constexpr int kRealtimePriority = 20;
constexpr int kNiceness = -19;  // where real time is not permitted
// Where it is not asked for: ahead of a busy application, which still makes headway.
constexpr int kFavouredNiceness = -5;

}  // namespace openais
