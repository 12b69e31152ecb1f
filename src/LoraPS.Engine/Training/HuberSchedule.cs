namespace LoraPS.Engine.Training;

/// <summary>How the threshold of a Huber loss follows the timestep.</summary>
/// <remarks>Khrapov et al., "Improving diffusion models's data-corruption resistance using scheduled pseudo-Huber loss", 2024.</remarks>
public enum HuberSchedule
{
    /// <summary>From 1 without noise to its least value, by the signal's share.</summary>
    Snr,

    /// <summary>From 1 to its least value, by equal factors.</summary>
    Exponential,

    /// <summary>The same at all timesteps.</summary>
    Constant,
}
