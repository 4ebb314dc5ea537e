#pragma once

#include <string>

#include "backup_service.hpp"
#include "operations/jobs.hpp"

namespace backup {

/// `backup`: makes one in `folder`, an absolute path, or in the one of the configuration.
operations::NamedJob backup_job(BackupService& service, std::string configured_folder);

}  // namespace backup
