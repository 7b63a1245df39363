// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import dev.heddle.dsl.ForkFunction;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;

/**
 * Writes the forks of each {@link ForkFunction}. Isolating: what is written for an interface
 * depends on that alone.
 */
public final class ForkFunctionProcessor extends AbstractProcessor {

  private final Deferred deferred = new Deferred();

  /** Called by the compiler. */
  public ForkFunctionProcessor() {}

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return Set.of(ForkFunction.class.getName());
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    Reporter reporter = new Reporter(processingEnv.getMessager());
    Written written =
        new Written(
            processingEnv, reporter, getClass(), ForkFunction.class, "rename the interface");
    for (TypeElement type :
        deferred.ready(
            round.getElementsAnnotatedWith(ForkFunction.class), processingEnv.getElementUtils())) {
      ForkModel model = new ForkReader(processingEnv, reporter).read(type);
      if (model != null) {
        written.write(new ForkWriter(model).forks(), type);
      }
    }
    return false; // others may look at them, too
  }
}
