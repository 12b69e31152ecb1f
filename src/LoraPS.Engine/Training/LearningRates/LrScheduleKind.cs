namespace LoraPS.Engine.Training.LearningRates;

/// <summary>A learning-rate schedule that can be chosen by name.</summary>
/// <param name="Name">Its name, as in sd-scripts' <c>--lr_scheduler</c>.</param>
/// <param name="Uses">The settings it uses, by the name of their property in <see cref="LrScheduleOptions"/>.</param>
/// <param name="Factor">The factor of all learning rates in a step, of which so many were done before.</param>
public sealed record LrScheduleKind(string Name, IReadOnlyList<string> Uses, Func<LrPlan, int, double> Factor)
{
    /// <summary>Whether it leads to an end, so that its factors depend on how many steps there are in all.</summary>
    public bool DependsOnLength { get; init; } = true;

    /// <summary>A setting it cannot do without, or null.</summary>
    public string? Needs { get; init; }
}
