// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import dev.heddle.dsl.ForkFunction;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;

/**
 * Writes the forks of each {@link ForkFunction}. Isolating: what is written for an interface
 * depends on that alone.
 */
public final class ForkFunctionProcessor extends AbstractProcessor {

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
    for (Element element : round.getElementsAnnotatedWith(ForkFunction.class)) {
      ForkModel model = new ForkReader(processingEnv, reporter).read((TypeElement) element);
      if (model != null) {
        Written.write(
            new ForkWriter(model).forks(),
            model.origin(),
            ForkFunction.class,
            "rename the interface",
            processingEnv.getFiler(),
            reporter);
      }
    }
    return false; // others may look at them, too
  }
}
