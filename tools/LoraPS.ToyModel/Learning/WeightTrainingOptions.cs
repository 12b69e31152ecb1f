namespace LoraPS.ToyModel.Learning;

/// <summary>How weights are trained.</summary>
/// <param name="Activity">What is trained, for the log.</param>
/// <param name="StatePath">Where the run is kept, to go on from.</param>
/// <param name="Steps">Steps of the run.</param>
/// <param name="LearningRate">The highest learning rate; it rises over the first steps and falls along a cosine.</param>
/// <param name="Seed">The run's seed.</param>
internal sealed record WeightTrainingOptions(string Activity, string StatePath, int Steps, double LearningRate, long Seed)
{
    /// <value>Steps in which the rate rises; default 50.</value>
    public int Warmup { get; init; } = 50;

    /// <value>Share of the average that a step leaves as it is; default 0.999.</value>
    public double AverageDecay { get; init; } = 0.999;
}
