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

TEST_CASE("even rotations bring the mean to their length, and the bound to twice of it") {
  Rotation rotation;
  rotation.visited(1, true);
  turn(rotation, 1, 100 * kMicrosecond, 500);
  CHECK(rotation.mean() == 100 * kMicrosecond);
  CHECK(rotation.bound() == 200 * kMicrosecond);
}

TEST_CASE("the bound follows a ring that becomes slower or faster") {
  Rotation rotation;
  rotation.visited(1, true);
  Time at = turn(rotation, 1, 100 * kMicrosecond, 100);
  at = turn(rotation, at, 1000 * kMicrosecond, 50);
  CHECK(rotation.bound() == 2000 * kMicrosecond);
  turn(rotation, at, 100 * kMicrosecond, 50);
  CHECK(rotation.bound() == 200 * kMicrosecond);
}

TEST_CASE("rotations that lasted until a lost token was repeated do not lift the bound") {
  Rotation rotation;
  rotation.visited(1, true);
  Time at = 1;
  for (int i = 0; i < 1000; ++i) {
    at = turn(rotation, at, 100 * kMicrosecond, 3);
    at = turn(rotation, at, 3 * rotation.bound(), 1);
  }
  CHECK(rotation.bound() < 250 * kMicrosecond);
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
