// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.error;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** The root of everything that the engine throws on its own account. */
public abstract sealed class TaskException extends RuntimeException
    permits ConfigurationException,
        DeadlockException,
        ExtensionException,
        ForkDepthException,
        ForkScopeException,
        InvalidNameException,
        LaneException,
        MemoryLimitException,
        RejectedTaskException,
        ResourceException,
        RetryBudgetException,
        SegmentOverrunException,
        SegmentOwnerException,
        SegmentReleasedException,
        TaskCancelledException,
        TaskContextException,
        TaskFailedException,
        TaskInterruptedException,
        TaskTimedOutException,
        TaskTimeoutException,
        ThreadStartException,
        WaitDepthException {

  private static final long serialVersionUID = 1L;

  /** What kind of error this is. */
  private final ErrorCode code;

  TaskException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = requireNonNull(code, "code");
  }

  /**
   * Returns what kind of error this is.
   *
   * @return the code, the same in every release
   */
  public final ErrorCode code() {
    return code;
  }
}
