#include "core/rotation.hpp"

#include <doctest/doctest.h>

namespace openais {
namespace {

constexpr Time kMicrosecond = 1000;

// `count` rotations of `length` each, from `at` on. Returns when the last ended.
Time turn(Rotation& rotation, Time at, Time length, int count) {
  for (int i = 0; i < count; ++i) rotation.visited(at += length, true);
  return at;
}

}  // namespace

TEST_CASE("even rotations bring mean and bound to their length") {
  Rotation rotation;
  rotation.visited(1, true);
  CHECK_FALSE(rotation.is_measured());
  turn(rotation, 1, 100 * kMicrosecond, 7);
  CHECK_FALSE(rotation.is_measured());
  turn(rotation, 1 + 700 * kMicrosecond, 100 * kMicrosecond, 500);
  CHECK(rotation.is_measured());
  CHECK(rotation.mean() == 100 * kMicrosecond);
  CHECK(rotation.bound() < 101 * kMicrosecond);
}

TEST_CASE("a long rotation lifts the bound at once, and short ones bring it down slowly") {
  Rotation rotation;
  rotation.visited(1, true);
  Time at = turn(rotation, 1, 100 * kMicrosecond, 500);
  at = turn(rotation, at, 1000 * kMicrosecond, 1);
  const Time lifted = rotation.bound();
  CHECK(lifted > 900 * kMicrosecond);
  at = turn(rotation, at, 100 * kMicrosecond, 8);
  CHECK(rotation.bound() < lifted);
  CHECK(rotation.bound() > 500 * kMicrosecond);
  turn(rotation, at, 100 * kMicrosecond, 500);
  CHECK(rotation.bound() < 110 * kMicrosecond);
}

TEST_CASE("a rotation in which the token rested does not count") {
  Rotation rotation;
  rotation.visited(1, true);
  Time at = turn(rotation, 1, 100 * kMicrosecond, 100);
  const Time before = rotation.bound();
  rotation.visited(at += 25 * kMillisecond, false);
  CHECK(rotation.bound() == before);
  rotation.visited(at += 100 * kMicrosecond, true);
  CHECK(rotation.mean() == 100 * kMicrosecond);
}

TEST_CASE("the first visit measures nothing") {
  Rotation rotation;
  rotation.visited(5 * kMillisecond, true);
  CHECK(rotation.mean() == 0);
  CHECK(rotation.bound() == 0);
}

}  // namespace openais
