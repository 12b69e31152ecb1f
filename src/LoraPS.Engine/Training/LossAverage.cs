namespace LoraPS.Engine.Training;

/// <summary>Mean loss over the last steps, as many as an epoch has.</summary>
/// <remarks>A place in it belongs to a batch's place in the epoch, as in sd-scripts: the second epoch's first loss takes the place of the first epoch's first.</remarks>
public sealed class LossAverage
{
    private readonly List<double> _losses = [];

    /// <summary>Starts empty.</summary>
    public LossAverage()
    {
    }

    /// <summary>Goes on from what another one held.</summary>
    /// <param name="losses">Its <see cref="Losses"/>.</param>
    public LossAverage(IEnumerable<double> losses) => _losses.AddRange(losses);

    /// <summary>The losses that count, by their place in the epoch.</summary>
    public IReadOnlyList<double> Losses => _losses;

    /// <summary>Their mean; losses that are not numbers, of steps that were skipped, do not count. Not a number while there are none.</summary>
    public double Value => _losses.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    /// <summary>Takes a loss in.</summary>
    /// <param name="batch">The batch's place in its epoch, from 0; in the first epoch each follows the one before.</param>
    /// <param name="loss">Its loss.</param>
    public void Add(int batch, double loss)
    {
        if (batch == _losses.Count)
            _losses.Add(loss);
        else
            _losses[batch] = loss;
    }
}
