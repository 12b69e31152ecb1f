namespace LoraPS.Engine.Training.Optimizers;

/// <summary>An optimizer that can be chosen by name.</summary>
/// <param name="Name">Its name, as in sd-scripts' <c>--optimizer_type</c>.</param>
/// <param name="PythonClass">The class it follows, for the metadata of LoRA files.</param>
/// <param name="Arguments">What can be set.</param>
/// <param name="Create">Makes one.</param>
public sealed record OptimizerKind(
    string Name,
    string PythonClass,
    IReadOnlyList<OptimizerArgument> Arguments,
    Func<IEnumerable<TrainedParameter>, OptimizerArguments, Optimizer> Create)
{
    /// <summary>Other names under which the same numbers come out.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Whether it finds its learning rate by itself, so that the one given should be about 1 and the same for all parts.</summary>
    public bool AdaptsRate { get; init; }

    /// <summary>Whether, with these arguments, its learning rate is the one given times the schedule's factor.</summary>
    public Func<OptimizerArguments, bool> FollowsSchedule { get; init; } = _ => true;

    /// <summary>Refuses arguments that contradict each other.</summary>
    public Action<OptimizerArguments> Check { get; init; } = _ => { };
}
