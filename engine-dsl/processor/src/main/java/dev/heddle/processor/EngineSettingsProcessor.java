// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.processor;

import dev.heddle.dsl.Default;
import dev.heddle.dsl.EngineSettings;
import dev.heddle.dsl.Range;
import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;

/**
 * Writes the loader of each record with {@link EngineSettings}. Isolating: what is written for a
 * record depends on that alone.
 */
public final class EngineSettingsProcessor extends AbstractProcessor {

  private final Deferred deferred = new Deferred();

  /** Called by the compiler. */
  public EngineSettingsProcessor() {}

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return Set.of(EngineSettings.class.getName(), Default.class.getName(), Range.class.getName());
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    Reporter reporter = new Reporter(processingEnv.getMessager());
    Written written =
        new Written(processingEnv, reporter, getClass(), EngineSettings.class, "rename the record");
    for (TypeElement type :
        deferred.ready(
            round.getElementsAnnotatedWith(EngineSettings.class),
            processingEnv.getElementUtils())) {
      SettingsModel model = new SettingsReader(processingEnv, reporter).read(type);
      if (model != null) {
        written.write(new SettingsWriter(model).loader(), type);
      }
    }
    for (Class<? extends Annotation> part : List.of(Default.class, Range.class)) {
      for (Element element : round.getElementsAnnotatedWith(part)) {
        Element record = element.getEnclosingElement();
        if (record == null || Reporter.find(record, EngineSettings.class) == null) {
          reporter.error(
              element,
              part,
              "it must be on a component of settings: @"
                  + part.getSimpleName()
                  + " on "
                  + element
                  + " (add @EngineSettings to the record)");
        }
      }
    }
    return false; // others may look at them, too
  }
}
