using LoraPS.Engine.Tests.Training;

namespace LoraPS.Reliability.Crash;

/// <summary>The small model and drawn pictures, in a folder that other processes find.</summary>
internal static class TrainingInputs
{
    /// <summary>Writes <c>model</c> and <c>pictures</c>.</summary>
    public static void Write(string folder, int pictures = 4)
    {
        using var made = new TrainingFolder(pictures);
        Directory.Move(made.Model, Path.Combine(folder, "model"));
        Directory.Move(made.Pictures, Path.Combine(folder, "pictures"));
    }
}
