#include "core/flow_control.hpp"

#include <doctest/doctest.h>

namespace openais {
namespace {

FlowInputs inputs() {
  FlowInputs in;
  in.window = 50;
  in.queued = 1000;
  in.outstanding_max = 4096;
  return in;
}

}  // namespace

TEST_CASE("a lone sender gets the whole window at every visit, not every second one (A8)") {
  FlowInputs in = inputs();
  CHECK(flow_new_packets(in) == 50);
  in.fcc = in.last_sent = 50;
  in.backlog = in.queued_before = 950;
  CHECK(flow_new_packets(in) == 50);
}

TEST_CASE("what the others sent in this rotation is taken off the window") {
  FlowInputs in = inputs();
  in.fcc = 40;
  in.last_sent = 10;
  CHECK(flow_budget(in) == 20);
  CHECK(flow_new_packets(in) == 20);
  in.fcc = 60;
  CHECK(flow_new_packets(in) == 0);
}

TEST_CASE("retransmissions count as new packets do") {
  FlowInputs in = inputs();
  in.retransmitted = 30;
  CHECK(flow_budget(in) == 50);
  CHECK(flow_new_packets(in) == 20);
  in.retransmitted = 51;
  CHECK(flow_new_packets(in) == 0);
}

TEST_CASE("a window that shrank below what is in flight gives none instead of billions (S17)") {
  FlowInputs in = inputs();
  in.window = 4;
  in.fcc = 200;
  in.last_sent = 10;
  CHECK(flow_budget(in) == 0);
  CHECK(flow_new_packets(in) == 0);
  // An idle ring's count of nothing, and a member that sent before it came.
  in.fcc = 0;
  in.last_sent = 80;
  CHECK(flow_budget(in) == 4);
}

TEST_CASE("those that wait share the window by what they have, and each gets at least one") {
  FlowInputs in = inputs();
  in.queued = 10;
  in.backlog = 90;
  CHECK(flow_new_packets(in) == 5);
  in.backlog = 1'000'000;
  CHECK(flow_new_packets(in) == 1);
  in.queued = 1000;
  in.backlog = in.queued_before = 1000;
  CHECK(flow_new_packets(in) == 50);
  // Nothing is left of the window: not even one.
  in.backlog = 1'000'000;
  in.fcc = 50;
  CHECK(flow_new_packets(in) == 0);
}

TEST_CASE("nobody sends further ahead than every store is wide") {
  FlowInputs in = inputs();
  in.outstanding = 4090;
  CHECK(flow_new_packets(in) == 6);
  in.outstanding = 4096;
  CHECK(flow_new_packets(in) == 0);
  in.outstanding = 1 << 20;
  CHECK(flow_new_packets(in) == 0);
}

TEST_CASE("no more than there is, and no more than a visit may") {
  FlowInputs in = inputs();
  in.queued = 3;
  CHECK(flow_new_packets(in) == 3);
  in.queued = 0;
  CHECK(flow_new_packets(in) == 0);
  in.queued = 1000;
  in.per_visit = 7;
  CHECK(flow_new_packets(in) == 7);
}

TEST_CASE("fields at the ends of what a token can carry overflow nothing") {
  FlowInputs in = inputs();
  in.window = 4096;
  in.fcc = 0xffffffff;
  in.backlog = 0xffffffff;
  in.queued_before = 0x7fffffff;
  CHECK(flow_new_packets(in) == 0);
  in.last_sent = 0x7fffffff;
  CHECK(flow_new_packets(in) == 0);
}

}  // namespace openais
