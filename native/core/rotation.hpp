// How long the token takes to come round, as measured: mean and a bound that nearly every rotation stays below. A lost
// token is repeated after a few of these, not after a fixed time (A30).
#pragma once

#include "types.hpp"

namespace openais {

class Rotation {
 public:
  // The token came; `clean` if it did not rest anywhere since it came last.
  void visited(Time now, bool clean) {
    if (clean && last_ != 0) sample(now - last_);
    last_ = now;
  }

  Time mean() const { return mean_; }
  // Mean and four deviations: about the 99th percentile of what such a machine does.
  Time bound() const { return mean_ + 4 * deviation_; }
  bool is_measured() const { return samples_ >= 8; }

 private:
  void sample(Time rotation) {
    if (samples_ == 0) {
      mean_ = rotation;
      deviation_ = rotation / 2;
    } else {
      const Time error = rotation > mean_ ? rotation - mean_ : mean_ - rotation;
      // A long rotation counts at once, a run of short ones brings the bound down slowly.
      deviation_ = error > deviation_ ? deviation_ + (error - deviation_) / 4 : deviation_ - (deviation_ - error) / 32;
      mean_ = rotation > mean_ ? mean_ + (rotation - mean_) / 16 : mean_ - (mean_ - rotation) / 16;
    }
    if (samples_ < 8) ++samples_;
  }

  Time last_ = 0;
  Time mean_ = 0;
  Time deviation_ = 0;
  int samples_ = 0;
};

}  // namespace openais
