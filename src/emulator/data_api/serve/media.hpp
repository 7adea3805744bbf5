#pragma once

#include <string>

#include "data_api/plan/plan.hpp"

namespace lakebase::emulator::data_api {

/// What the client wants to have.
struct Media {
  BodyForm form = BodyForm::array;
  std::string type = "application/json; charset=utf-8";
};

/// The first type of `Accept` that there is. @throws ApiError PGRST107 if there is none
Media chosen_media(std::string const& accept, OneValue value);

}  // namespace lakebase::emulator::data_api
