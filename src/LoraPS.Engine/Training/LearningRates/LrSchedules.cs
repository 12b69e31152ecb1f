namespace LoraPS.Engine.Training.LearningRates;

/// <summary>The learning-rate schedules there are.</summary>
/// <remarks>
/// Follows get_scheduler_fix in sd-scripts library/train_util.py@48d368fa: the formulas are those of diffusers 0.32.1
/// optimization.py, and of transformers for inverse_sqrt, cosine_with_min_lr and warmup_stable_decay.
/// </remarks>
public static class LrSchedules
{
    /// <summary>Name of the schedule that changes nothing.</summary>
    public const string Constant = "constant";

    /// <summary>Learning rate at which polynomial ends.</summary>
    public const double PolynomialEnd = 1e-7;

    private const int DefaultTimescale = 10_000;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LrScheduleKind> All { get; } =
    [
        new(Constant, [], (_, _) => 1) { DependsOnLength = false },
        Warmed("constant_with_warmup", [], (_, _) => 1) with { DependsOnLength = false },
        Warmed("linear", [], (plan, step) => Math.Max(0, 1 - plan.Progress(step))),
        Warmed("cosine", [], (plan, step) => Wave(plan.Progress(step), 1, 0)),
        Warmed("cosine_with_restarts", [nameof(LrScheduleOptions.Cycles)], Restarts),
        Warmed("polynomial", [nameof(LrScheduleOptions.Power)], Polynomial),
        Warmed("inverse_sqrt", [nameof(LrScheduleOptions.Timescale)], InverseRoot) with { DependsOnLength = false },
        Warmed("cosine_with_min_lr", [nameof(LrScheduleOptions.Cycles), nameof(LrScheduleOptions.MinRatio)], (plan, step) => Wave(plan.Progress(step), plan.Options.Cycles, plan.Options.MinRatio ?? 0))
            with { Needs = nameof(LrScheduleOptions.MinRatio) },
        new("warmup_stable_decay", [nameof(LrScheduleOptions.Warmup), nameof(LrScheduleOptions.Decay), nameof(LrScheduleOptions.Cycles), nameof(LrScheduleOptions.MinRatio)], StableDecay),
        new("piecewise_constant", [nameof(LrScheduleOptions.StepRules)], (plan, step) => StepRules.Parse(plan.Options.StepRules ?? "").Factor(step)) { Needs = nameof(LrScheduleOptions.StepRules), DependsOnLength = false },
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(kind => kind.Name)];

    /// <summary>Finds a schedule.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static LrScheduleKind Find(string name) =>
        All.FirstOrDefault(kind => kind.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no learning-rate schedule '{name}'. There are {string.Join(", ", Names)}.");

    /// <summary>A schedule that rises from 0 first.</summary>
    private static LrScheduleKind Warmed(string name, string[] uses, Func<LrPlan, int, double> factor) => new(
        name,
        [nameof(LrScheduleOptions.Warmup), .. uses],
        (plan, step) => step < plan.Warmup ? (double)step / plan.Warmup : factor(plan, step));

    /// <summary>Half waves of a cosine from 1 to a least factor.</summary>
    private static double Wave(double progress, double halfWaves, double least) =>
        Math.Max(0, (0.5 * (1 + Math.Cos(Math.PI * halfWaves * progress)) * (1 - least)) + least);

    private static double Restarts(LrPlan plan, int step) =>
        plan.Progress(step) is < 1 and var progress ? Wave(plan.Options.Cycles * progress % 1, 1, 0) : 0;

    private static double Polynomial(LrPlan plan, int step)
    {
        var left = Math.Max(0, 1 - plan.Progress(step));
        return (((plan.LearningRate - PolynomialEnd) * Math.Pow(left, plan.Options.Power)) + PolynomialEnd) / plan.LearningRate;
    }

    private static double InverseRoot(LrPlan plan, int step)
    {
        var timescale = plan.Options.Timescale ?? (plan.Warmup > 0 ? plan.Warmup : DefaultTimescale);
        return 1 / Math.Sqrt((step + timescale - plan.Warmup) / (double)timescale);
    }

    private static double StableDecay(LrPlan plan, int step)
    {
        var (least, falling) = (plan.Options.MinRatio ?? 0, plan.Steps - plan.Decay);
        if (step < plan.Warmup)
            return ((double)step / plan.Warmup * (1 - least)) + least;
        if (step < falling)
            return 1;
        return step < plan.Steps ? Wave((step - falling) / (double)plan.Decay, plan.Options.Cycles, least) : least;
    }
}
