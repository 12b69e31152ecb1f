using System.Diagnostics;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;
using LoraPS.Engine.Training.LearningRates;
using LoraPS.Engine.Training.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.ToyModel.Learning;

/// <summary>Trains all weights of networks and keeps a running average of them.</summary>
/// <remarks>
/// The average is what is used in the end: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992;
/// diffusion models are trained so since Ho et al., 2020. A run that was stopped goes on from its last saved state.
/// A step has two halves, each computed by a thread alone: operations this small gain nothing from sharing one between threads.
/// The sum of two gradients does not depend on which comes first, so neither do the weights.
/// </remarks>
internal sealed class WeightTraining : IDisposable
{
    private const int Halves = 2;
    private const int AverageEvery = 5;
    private const int LogEvery = 50;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(3);

    private readonly WeightTrainingOptions _options;
    private readonly Optimizer _optimizer;
    private readonly LrPlan _rates;
    private readonly Dictionary<string, Tensor> _average;
    private int _step;

    /// <summary>Prepares a run, and takes it up where its state is found.</summary>
    /// <param name="weights">What to train, by name; not owned.</param>
    /// <param name="options">How.</param>
    public WeightTraining(IEnumerable<(string Name, Tensor Value)> weights, WeightTrainingOptions options)
    {
        _options = options;
        var parameters = weights.Select(weight => new TrainedParameter(weight.Name, weight.Value.requires_grad_(), options.LearningRate)).ToList();
        _optimizer = OptimizerArguments.Parse("AdamW", ["betas=0.9,0.99", "weight_decay=0.01"]).Create(parameters);
        _rates = new(new LrScheduleOptions { Name = "cosine", Warmup = options.Warmup }, options.Steps, options.LearningRate);
        _average = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value.detach().clone().DetachFromDisposeScope());
        if (File.Exists(options.StatePath))
            Restore();
    }

    /// <summary>Does the steps that are left.</summary>
    /// <param name="loss">The loss of half a step, by the number of the half, counted through all steps; computed with gradients.</param>
    public void Run(Func<int, Tensor> loss)
    {
        set_num_threads(1);
        var (clock, saved, sum, count) = (Stopwatch.StartNew(), Stopwatch.StartNew(), 0.0, 0);
        while (_step < _options.Steps)
        {
            (sum, count) = (sum + Advance(loss), count + 1);
            if (_step % LogEvery == 0 || _step == _options.Steps)
            {
                Console.WriteLine(FormattableString.Invariant($"{DateTime.Now:HH:mm:ss} {_options.Activity} {_step}/{_options.Steps} loss {sum / count:0.00000} {clock.Elapsed.TotalSeconds / count:0.000} s/step"));
                (sum, count) = (0, 0);
                clock.Restart();
            }

            if (saved.Elapsed < SaveEvery && _step < _options.Steps)
                continue;
            Save();
            saved.Restart();
        }
    }

    /// <summary>Puts the averages in the place of the weights and lets go of them.</summary>
    public void UseAverage()
    {
        using var noGradient = no_grad();
        foreach (var parameter in _optimizer.Parameters)
            parameter.Value.requires_grad_(false).copy_(_average[parameter.Name]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var tensor in _average.Values)
            tensor.Dispose();
    }

    private IEnumerable<KeyValuePair<string, Tensor>> Memory =>
        _optimizer.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value))
            .Concat(_optimizer.Memory)
            .Concat(_average.Select(pair => KeyValuePair.Create($"average.{pair.Key}", pair.Value)));

    private double Advance(Func<int, Tensor> loss)
    {
        var losses = new double[Halves];
        Parallel.For(0, Halves, half =>
        {
            using var scope = NewDisposeScope();
            var value = loss((_step * Halves) + half).DividedBy(Halves);
            value.backward();
            losses[half] = value.item<float>();
        });
        GradientNorm.Clip(_optimizer.Parameters.Select(parameter => parameter.Value), maxNorm: 1);
        _optimizer.RateFactor = _rates.Factor(_step++);
        _optimizer.Update();
        _optimizer.ZeroGradients();
        if (_step % AverageEvery == 0)
            UpdateAverage();
        return losses.Sum();
    }

    private void UpdateAverage()
    {
        using var noGradient = no_grad();
        // Early weights are forgotten faster, or they would stay in the average for long.
        var decay = Math.Min(Math.Pow(_options.AverageDecay, AverageEvery), (1.0 + _step) / (10 * AverageEvery + _step));
        foreach (var parameter in _optimizer.Parameters)
            _average[parameter.Name].MultiplyInPlace(decay).AddInPlace(parameter.Value, 1 - decay);
    }

    private void Save() =>
        new TrainingState(_step, _options.Seed, DateTimeOffset.UtcNow, new Dictionary<string, string>(), []).Write(_options.StatePath, Memory);

    private void Restore()
    {
        TrainingState.Restore(_options.StatePath, Memory);
        _step = TrainingState.Read(_options.StatePath).Step;
        Console.WriteLine($"{_options.Activity}: taken up after step {_step}.");
    }
}
