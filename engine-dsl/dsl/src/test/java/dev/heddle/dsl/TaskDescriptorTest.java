// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heddle.TaskOptions;
import dev.heddle.error.InvalidNameException;
import org.junit.jupiter.api.Test;

class TaskDescriptorTest {

  private static final TaskOptions ADD = TaskOptions.defaults().name("math.add");

  @Test
  void name_isThatOfTheOptions() {
    assertThat(new TaskDescriptor(ADD, "0f").name()).isEqualTo("math.add");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void badValues_areRefused() {
    assertThatThrownBy(() -> new TaskDescriptor(ADD, "a b"))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("schemaId");
    assertThatNullPointerException()
        .isThrownBy(() -> new TaskDescriptor(null, "0f"))
        .withMessage("options");
    assertThatNullPointerException()
        .isThrownBy(() -> new TaskDescriptor(ADD, null))
        .withMessage("schemaId");
  }
}
