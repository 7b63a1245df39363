// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TaskOptionsTest {

  @Test
  void defaults_name_isTask() {
    assertThat(TaskOptions.defaults().name()).isEqualTo("task");
  }

  @Test
  void name_setter_leavesTheOriginalAlone() {
    TaskOptions quote = TaskOptions.defaults().name("quote");

    assertThat(quote.name()).isEqualTo("quote");
    assertThat(TaskOptions.defaults().name()).isEqualTo("task");
  }

  @Test
  void equals_sameName_isEqual() {
    TaskOptions quote = TaskOptions.defaults().name("quote");

    assertThat(quote)
        .isEqualTo(TaskOptions.defaults().name("quote"))
        .hasSameHashCodeAs(TaskOptions.defaults().name("quote"))
        .isNotEqualTo(TaskOptions.defaults())
        .hasToString("TaskOptions[name=quote, strategy=task's own]");
    assertThat(quote.equals(new Object())).isFalse();
  }
}
