// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

/** The annotation processor of {@code dev.heddle.dsl}; nothing of it is needed at run time. */
@org.jspecify.annotations.NullMarked
module dev.heddle.processor {
  requires com.palantir.javapoet;
  requires dev.heddle;
  requires dev.heddle.dsl;
  requires java.compiler;
  requires static org.jspecify;

  exports dev.heddle.processor;

  provides javax.annotation.processing.Processor with
      dev.heddle.processor.TaskSetProcessor,
      dev.heddle.processor.EngineSettingsProcessor,
      dev.heddle.processor.ForkFunctionProcessor;
}
