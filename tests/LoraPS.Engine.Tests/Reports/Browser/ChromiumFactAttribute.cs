namespace LoraPS.Engine.Tests.Reports.Browser;

/// <summary>A test that needs Chromium. Without it the test is skipped, or fails where <see cref="Chromium.RequiredVariable"/> is set.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Chromium.Find() is null && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Chromium.RequiredVariable)))
            Skip = "There is no Chromium on this machine; apt-get install chromium brings it.";
    }
}
