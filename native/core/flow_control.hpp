// How many new packets a visit may originate (totem 1.7, A8). Pure arithmetic, signed, so that a window that shrank
// below what is in flight gives none instead of four billion.
#pragma once

#include <algorithm>
#include <cstdint>

namespace openais {

struct FlowInputs {
  std::int64_t window = 0;         // packets a rotation, as the token carries it
  std::int64_t fcc = 0;            // packets sent in the last rotation
  std::int64_t last_sent = 0;      // of those, by this node at its last visit
  std::int64_t retransmitted = 0;  // by this node at this visit
  std::int64_t queued = 0;         // this node's packets that wait
  std::int64_t queued_before = 0;  // as it was when it forwarded the token last: backlog holds that
  std::int64_t backlog = 0;        // of all members
  std::int64_t outstanding = 0;    // seq - aru: what some store has to hold
  std::int64_t outstanding_max = 0;
  std::int64_t per_visit = 0;  // 0: no bound of its own
};

// What is left of the window for this visit, retransmissions included.
inline std::int64_t flow_budget(const FlowInputs& in) {
  return std::max<std::int64_t>(0, in.window - std::max<std::int64_t>(0, in.fcc - in.last_sent));
}

inline std::int64_t flow_new_packets(const FlowInputs& in) {
  std::int64_t allowed = flow_budget(in) - in.retransmitted;
  const std::int64_t others = in.backlog - in.queued_before;
  // A fair share among those that wait, at least one.
  if (others > 0 && in.queued > 0)
    allowed = std::min(allowed, std::max<std::int64_t>(1, in.window * in.queued / (others + in.queued)));
  allowed = std::min(allowed, in.outstanding_max - in.outstanding);
  if (in.per_visit > 0) allowed = std::min(allowed, in.per_visit);
  return std::max<std::int64_t>(0, std::min(allowed, in.queued));
}

}  // namespace openais
