// Refusals that hosts answered our datagrams with.
#pragma once

#include "core/types.hpp"

namespace openais {

enum class QueuedError : std::uint8_t {
  kNone,     // the queue is empty
  kRefused,  // nobody listens at `to`
  kOther,
};

// Takes one error from the socket's queue. `to` is where the datagram had gone.
QueuedError take_queued_error(int fd, Endpoint& to);

}  // namespace openais
