namespace LoraPS.Engine.Training.LearningRates;

/// <summary>A schedule laid over a run.</summary>
/// <param name="Options">The schedule.</param>
/// <param name="Steps">Optimizer steps of the run.</param>
/// <param name="LearningRate">The run's common learning rate; only the end of polynomial is told relative to it.</param>
public sealed record LrPlan(LrScheduleOptions Options, int Steps, double LearningRate)
{
    /// <summary>Steps in which the rates rise.</summary>
    public int Warmup { get; } = Options.WarmupSteps(Steps);

    /// <summary>Steps in which they fall at the end.</summary>
    public int Decay { get; } = Options.DecaySteps(Steps);

    /// <summary>The factor of all learning rates in a step.</summary>
    /// <param name="step">Optimizer steps done before.</param>
    public double Factor(int step) => LrSchedules.Find(Options.Name).Factor(this, step);

    /// <summary>How far the part behind the warm-up has come, from 0 to 1 at the end of the run.</summary>
    internal double Progress(int step) => (step - Warmup) / (double)Math.Max(1, Steps - Warmup);
}
