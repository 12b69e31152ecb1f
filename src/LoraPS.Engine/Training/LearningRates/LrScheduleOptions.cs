namespace LoraPS.Engine.Training.LearningRates;

/// <summary>How the learning rates change while a run goes on.</summary>
/// <remarks>Names and defaults of sd-scripts' <c>--lr_scheduler</c> and the options beside it.</remarks>
public sealed record LrScheduleOptions
{
    /// <summary>Which schedule.</summary>
    /// <value>One of <see cref="LrSchedules.Names"/>, in any case; default constant.</value>
    public string Name { get; init; } = LrSchedules.Constant;

    /// <summary>Steps in which the rates rise from 0.</summary>
    /// <value>Steps, or below 1 a share of all steps; default 0.</value>
    public double Warmup { get; init; }

    /// <summary>Steps in which the rates fall at the end (warmup_stable_decay).</summary>
    /// <value>Steps, or below 1 a share of all steps; default 0.</value>
    public double Decay { get; init; }

    /// <summary>How often the cosine starts again (cosine_with_restarts), or how many half waves it has (cosine_with_min_lr, warmup_stable_decay).</summary>
    /// <value>At least 1; default 1.</value>
    public int Cycles { get; init; } = 1;

    /// <summary>Exponent of polynomial.</summary>
    /// <value>Above 0; default 1.</value>
    public double Power { get; init; } = 1;

    /// <summary>Steps over which inverse_sqrt falls.</summary>
    /// <value>Null (the default): the warm-up's steps, or 10000 where there is none.</value>
    public int? Timescale { get; init; }

    /// <summary>What is left of the rates at the lowest (cosine_with_min_lr, warmup_stable_decay).</summary>
    /// <value>0 to 1; default null: cosine_with_min_lr needs it, warmup_stable_decay takes 0.</value>
    public double? MinRatio { get; init; }

    /// <summary>Factors of piecewise_constant and the step each ends before, the last without one.</summary>
    /// <value>Such as "1:10,0.1:20,0.05"; default null.</value>
    public string? StepRules { get; init; }

    /// <summary>Whether the factor of a step depends on how many steps there are in all.</summary>
    internal bool DependsOnLength => LrSchedules.Find(Name).DependsOnLength || Warmup is > 0 and < 1;

    /// <summary>Steps of the warm-up in a run.</summary>
    /// <param name="steps">Steps of the run.</param>
    public int WarmupSteps(int steps) => Count(Warmup, steps);

    /// <summary>Steps of the fall at the end of a run.</summary>
    /// <param name="steps">Steps of the run.</param>
    public int DecaySteps(int steps) => Count(Decay, steps);

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">There is no such schedule, a number is out of its range, or the schedule does not use it.</exception>
    internal void Validate()
    {
        var kind = LrSchedules.Find(Name);
        ThrowIfNoCount(Warmup, nameof(Warmup));
        ThrowIfNoCount(Decay, nameof(Decay));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Cycles);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Power);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Timescale ?? 1, nameof(Timescale));
        ArgumentOutOfRangeException.ThrowIfNegative(MinRatio ?? 0, nameof(MinRatio));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MinRatio ?? 0, 1, nameof(MinRatio));
        if (Changed().Where(name => !kind.Uses.Contains(name)).ToList() is { Count: > 0 } unused)
            throw new ArgumentException($"The learning-rate schedule {kind.Name} does not use {string.Join(", ", unused)}; {Others(unused[0])}.", nameof(Name));
        if (kind.Needs is { } needed && !Changed().Contains(needed))
            throw new ArgumentException($"The learning-rate schedule {kind.Name} needs {needed}.", nameof(Name));
        if (StepRules is not null)
            LearningRates.StepRules.Parse(StepRules);
    }

    private static string Others(string setting) =>
        $"{setting} belongs to {string.Join(", ", LrSchedules.All.Where(kind => kind.Uses.Contains(setting)).Select(kind => kind.Name))}";

    private static int Count(double number, int steps) => number < 1 ? (int)(number * steps) : (int)number;

    private static void ThrowIfNoCount(double number, string name)
    {
        if (!(number >= 0) || (number >= 1 && number != Math.Floor(number)) || number > int.MaxValue)
            throw new ArgumentOutOfRangeException(name, number, "Must be a whole number of steps, or a share of all steps from 0 up to, but not including, 1.");
    }

    /// <summary>Names of the settings that are not at their defaults.</summary>
    private IEnumerable<string> Changed()
    {
        var standard = new LrScheduleOptions();
        (string Name, object? Given, object? Default)[] settings =
        [
            (nameof(Warmup), Warmup, standard.Warmup), (nameof(Decay), Decay, standard.Decay), (nameof(Cycles), Cycles, standard.Cycles),
            (nameof(Power), Power, standard.Power), (nameof(Timescale), Timescale, null), (nameof(MinRatio), MinRatio, null), (nameof(StepRules), StepRules, null),
        ];
        return settings.Where(setting => !Equals(setting.Given, setting.Default)).Select(setting => setting.Name);
    }
}
