// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.dsl;

import static java.util.Objects.requireNonNull;

import dev.heddle.Retry;
import dev.heddle.Task;
import dev.heddle.TaskEngine;
import dev.heddle.TaskFunction;
import dev.heddle.TaskHandle;
import dev.heddle.TaskOptions;
import dev.heddle.error.InvalidNameException;
import dev.heddle.error.RejectedTaskException;
import dev.heddle.resource.Limit;
import dev.heddle.resource.Resource;
import dev.heddle.spi.ExecutionStrategy;
import dev.heddle.spi.SubmitsForCaller;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task that is told apart from its input: a name, what goes in, what comes out, how it is to be
 * run, and the code. Made once, and given its input as often as there is work.
 *
 * {@snippet class="dev.heddle.dsl.DefinitionSnippets" region="define"}
 *
 * <p>The steps of {@link #define} come in this order: {@link Named#input input}, {@link
 * InputGiven#output output}, any options, {@link Optioned#handler handler}. Another order, or a
 * missing handler, does not compile. Each step gives a new object, so that a definition may branch
 * off from any of them.
 *
 * <p>Nothing here is more than the engine has: {@link #task} is a plain {@link Task}, {@link
 * #options} are its {@link TaskOptions}, and {@link #submit} gives both to the engine.
 *
 * <p>Immutable, and safe for use by any thread if the handler is.
 *
 * @param <I> the type of the input
 * @param <O> the type of the result
 */
@SubmitsForCaller
public final class TaskDefinition<I extends @Nullable Object, O extends @Nullable Object> {

  private final Draft<I, O> draft;
  private final TaskFunction<? super I, ? extends O> handler;

  private TaskDefinition(Draft<I, O> draft, TaskFunction<? super I, ? extends O> handler) {
    this.draft = draft;
    this.handler = handler;
  }

  /** What the steps before the handler have said. */
  private record Draft<I extends @Nullable Object, O extends @Nullable Object>(
      TypeRef<I> input,
      TypeRef<O> output,
      TaskOptions options,
      boolean blocking,
      @Nullable TaskFunction<? super Throwable, ? extends O> fallback) {

    Draft<I, O> with(TaskOptions options) {
      return new Draft<>(input, output, options, blocking, fallback);
    }
  }

  /**
   * Begins the definition of a task.
   *
   * @param name what it is called in messages, metrics and thread dumps: 1 to 128 characters of
   *     {@code A-Z a-z 0-9 . _ -}
   * @return the next step
   * @throws InvalidNameException if the name is not like that
   */
  public static Named define(String name) {
    return new Named(TaskOptions.defaults().name(requireNonNull(name, "name")));
  }

  /** A definition that has a name. */
  public static final class Named {
    private final TaskOptions options;

    private Named(TaskOptions options) {
      this.options = options;
    }

    /**
     * Says what goes in.
     *
     * @param type the class of the input
     * @param <I> the type of the input
     * @return the next step
     */
    public <I> InputGiven<I> input(Class<I> type) {
      return new InputGiven<>(options, TypeRef.of(type));
    }

    /**
     * Says what goes in, with the arguments of a generic type.
     *
     * @param type the type of the input
     * @param <I> the same
     * @return the next step
     */
    public <I extends @Nullable Object> InputGiven<I> input(TypeRef<I> type) {
      return new InputGiven<>(options, requireNonNull(type, "type"));
    }
  }

  /**
   * A definition that has a name and an input.
   *
   * @param <I> the type of the input
   */
  public static final class InputGiven<I extends @Nullable Object> {
    private final TaskOptions options;
    private final TypeRef<I> input;

    private InputGiven(TaskOptions options, TypeRef<I> input) {
      this.options = options;
      this.input = input;
    }

    /**
     * Says what comes out.
     *
     * @param type the class of the result
     * @param <O> the type of the result
     * @return the next step
     */
    public <O> Optioned<I, O> output(Class<O> type) {
      return output(TypeRef.of(type));
    }

    /**
     * Says what comes out, with the arguments of a generic type.
     *
     * @param type the type of the result
     * @param <O> the same
     * @return the next step
     */
    public <O extends @Nullable Object> Optioned<I, O> output(TypeRef<O> type) {
      requireNonNull(type, "type");
      return new Optioned<>(new Draft<>(input, type, options, false, null));
    }
  }

  /**
   * A definition that lacks its handler only, and may have options before. An option that is said
   * twice is refused.
   *
   * @param <I> the type of the input
   * @param <O> the type of the result
   */
  public static final class Optioned<I extends @Nullable Object, O extends @Nullable Object> {
    private final Draft<I, O> draft;

    private Optioned(Draft<I, O> draft) {
      this.draft = draft;
    }

    private Optioned<I, O> with(TaskOptions options) {
      return new Optioned<>(draft.with(options));
    }

    private void once(String option, boolean given, Object value) {
      if (given) {
        throw new DefinitionException(
            "option must be given once: task="
                + draft.options.name()
                + ", option="
                + option
                + ", value="
                + value
                + " (leave one of them out)");
      }
    }

    /**
     * Limits the time of each attempt; see {@link TaskOptions#timeout}.
     *
     * @param timeout more than zero
     * @return the next step
     * @throws IllegalArgumentException if it is not more than zero
     * @throws DefinitionException if there is a timeout already
     */
    public Optioned<I, O> timeout(Duration timeout) {
      TaskOptions options = draft.options.timeout(timeout);
      once("timeout", draft.options.timeout().isPresent(), timeout);
      return with(options);
    }

    /**
     * Limits the time of all attempts together; see {@link TaskOptions#totalTimeout}.
     *
     * @param totalTimeout more than zero
     * @return the next step
     * @throws IllegalArgumentException if it is not more than zero
     * @throws DefinitionException if there is a total timeout already
     */
    public Optioned<I, O> totalTimeout(Duration totalTimeout) {
      TaskOptions options = draft.options.totalTimeout(totalTimeout);
      once("totalTimeout", draft.options.totalTimeout().isPresent(), totalTimeout);
      return with(options);
    }

    /**
     * Lets a failed attempt be followed by others; see {@link TaskOptions#retry}.
     *
     * @param retry when, and how often
     * @return the next step
     * @throws DefinitionException if there is a retry already
     */
    public Optioned<I, O> retry(Retry retry) {
      TaskOptions options = draft.options.retry(retry);
      once("retry", draft.options.retry().isPresent(), retry);
      return with(options);
    }

    /**
     * Lets a second attempt begin beside a slow one; see {@link TaskOptions#hedge}.
     *
     * @param initialDelay how long to wait for the first, until more is known
     * @return the next step
     * @throws IllegalArgumentException if it is not more than zero
     * @throws DefinitionException if there is a hedge already
     */
    public Optioned<I, O> hedge(Duration initialDelay) {
      TaskOptions options = draft.options.hedge(initialDelay);
      once("hedge", draft.options.hedge().isPresent(), initialDelay);
      return with(options);
    }

    /**
     * Has the thread of a body interrupted that is not wanted any more; see {@link
     * TaskOptions#interruptible}.
     *
     * @return the next step
     * @throws DefinitionException if it was said before
     */
    public Optioned<I, O> interruptible() {
      once("interruptible", draft.options.interruptible(), true);
      return with(draft.options.interruptible(true));
    }

    /**
     * Says what each attempt holds; see {@link TaskOptions#uses(Resource)}.
     *
     * @param resource one permit or item of it
     * @return the next step
     * @throws dev.heddle.error.ResourceException if a resource of that name is used already
     */
    public Optioned<I, O> uses(Resource<?> resource) {
      return with(draft.options.uses(resource));
    }

    /**
     * Says how much each attempt holds; see {@link TaskOptions#uses(Limit, int)}.
     *
     * @param limit of what
     * @param permits how many, 1 to the capacity of the limit
     * @return the next step
     * @throws IllegalArgumentException if the number is out of range
     * @throws dev.heddle.error.ResourceException if a resource of that name is used already
     */
    public Optioned<I, O> uses(Limit limit, int permits) {
      return with(draft.options.uses(limit, permits));
    }

    /**
     * Decides on which thread it runs; see {@link TaskOptions#strategy}.
     *
     * @param strategy the strategy
     * @return the next step
     * @throws DefinitionException if there is one already
     */
    public Optioned<I, O> strategy(ExecutionStrategy strategy) {
      TaskOptions options = draft.options.strategy(strategy);
      once("strategy", draft.options.strategy().isPresent(), strategy);
      return with(options);
    }

    /**
     * Marks a handler that blocks; see {@link Task#blocking}.
     *
     * @return the next step
     * @throws DefinitionException if it was said before
     */
    public Optioned<I, O> blocking() {
      once("blocking", draft.blocking, true);
      return new Optioned<>(
          new Draft<>(draft.input, draft.output, draft.options, true, draft.fallback));
    }

    /**
     * Says what to do when the task has failed for good; see {@link Task#fallback}.
     *
     * @param fallback gets what the task has failed with, and has its result or fails instead
     * @return the next step
     * @throws DefinitionException if there is a fallback already
     */
    public Optioned<I, O> fallback(TaskFunction<? super Throwable, ? extends O> fallback) {
      requireNonNull(fallback, "fallback");
      once("fallback", draft.fallback != null, "(code)");
      return new Optioned<>(
          new Draft<>(draft.input, draft.output, draft.options, draft.blocking, fallback));
    }

    /**
     * Gives the code, which ends the definition.
     *
     * @param handler makes the result of an input; may be called on several threads at a time
     * @return the definition
     */
    public TaskDefinition<I, O> handler(TaskFunction<? super I, ? extends O> handler) {
      return new TaskDefinition<>(draft, requireNonNull(handler, "handler"));
    }
  }

  /**
   * Returns what the task is called.
   *
   * @return the name
   */
  public String name() {
    return draft.options.name();
  }

  /**
   * Returns what goes in.
   *
   * @return the type
   */
  public TypeRef<I> input() {
    return draft.input;
  }

  /**
   * Returns what comes out.
   *
   * @return the type
   */
  public TypeRef<O> output() {
    return draft.output;
  }

  /**
   * Returns how it is to be run.
   *
   * @return the options, to be given to the engine with the task
   */
  public TaskOptions options() {
    return draft.options;
  }

  /**
   * Returns the task of one input. The input is kept, not copied.
   *
   * @param input the input
   * @return a task; it says nothing of the {@link #options}
   */
  public Task<O> task(I input) {
    Task<O> body = Task.of(handler, input);
    if (draft.blocking) {
      body = Task.blocking(body);
    }
    return draft.fallback == null ? body : Task.fallback(body, draft.fallback);
  }

  /**
   * Submits the task of one input with its options.
   *
   * @param engine where
   * @param input the input; kept, not copied
   * @return the handle
   * @throws RejectedTaskException as {@link TaskEngine#submit(Task, TaskOptions)}
   */
  public TaskHandle<O> submit(TaskEngine engine, I input) {
    return engine.submit(task(input), draft.options);
  }

  /** Returns {@code TaskDefinition[name: input -> output]}. */
  @Override
  public String toString() {
    return "TaskDefinition[" + name() + ": " + draft.input + " -> " + draft.output + "]";
  }
}
