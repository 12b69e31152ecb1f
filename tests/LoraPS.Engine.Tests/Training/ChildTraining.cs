using System.Diagnostics;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Training;

namespace LoraPS.Engine.Tests.Training;

/// <summary>A run in a process of its own, so that it can be killed at any moment.</summary>
internal static class ChildTraining
{
    /// <summary>Starts the process; it writes a line for each step and each saved file, before it goes on.</summary>
    public static Process Start(TrainingFolder folder, string destination) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(ChildTraining).Assembly.Location, folder.Model, folder.Pictures, destination]) { RedirectStandardOutput = true })!;

    public static int Main(string[] arguments)
    {
        var (model, pictures, destination) = (arguments[0], arguments[1], arguments[2]);
        LoraTrainer.Train(model, RandomRun.Dataset(pictures), Options(destination), new Lines());
        return 0;
    }

    public static TrainingOptions Options(string destination) => RandomRun.Options(destination) with { SaveEverySteps = 1 };

    private sealed class Lines : IProgress<EngineEvent>
    {
        public void Report(EngineEvent value)
        {
            if (value is TrainingStepEvent or LoraSavedEvent)
                Console.WriteLine(value);
        }
    }
}
